"""What came with a folder is kept apart from what was made, approved and published here."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Min


def _set_apart(apps, schema_editor):
    """Reports that no event of this room tells the making of were made elsewhere; what they say stays their folder's word."""
    del schema_editor
    issue, named = apps.get_model("records", "Issue"), apps.get_model("records", "NamedElsewhere")
    made = (
        apps.get_model("records", "Event").objects.filter(kind="issue.made").values_list("details", flat=True)
    )
    ours = {details.get("issue") for details in made.iterator()}
    for one in issue.objects.filter(state="ready", shown=False).select_related("approved_by", "published_by"):
        if one.pk in ours:
            continue
        parts = {
            name: [getattr(one, f"{name}_at").isoformat(), getattr(one, f"{name}_by").username]
            for name in ("approved", "published")
            if getattr(one, f"{name}_at") is not None
        }
        if one.embargo_until is not None:
            parts["embargo_until"] = one.embargo_until.isoformat()
        if parts:
            named.objects.create(inspection_id=one.inspection_id, table="Issue", row=one.pk, parts=parts)
        one.kind = f"{one.kind}_elsewhere"
        one.approved_at = one.approved_by = one.published_at = one.published_by = one.embargo_until = None
        one.save()


def _first_day(apps, schema_editor):
    """From when the public sees the first report of each inspection."""
    del schema_editor
    inspection = apps.get_model("records", "Inspection")
    shown = apps.get_model("records", "Issue").objects.filter(kind="issue", shown=True)
    first = shown.exclude(published_at=None).values("inspection").annotate(at=Min("published_at"))
    for row in first:
        inspection.objects.filter(pk=row["inspection"]).update(public_at=row["at"])


class Migration(migrations.Migration):
    dependencies = [("records", "0006_generation")]

    operations = [
        migrations.AddField("inspection", "public_at", models.DateTimeField(null=True)),
        migrations.AlterField(
            "issue",
            "kind",
            models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("issue", "Issue"),
                    ("draft_elsewhere", "Draft made elsewhere"),
                    ("issue_elsewhere", "Issued elsewhere"),
                ],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="NamedElsewhere",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("table", models.CharField(max_length=40)),
                ("row", models.BigIntegerField()),
                ("parts", models.JSONField()),
                (
                    "inspection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="named",
                        to="records.inspection",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("table", "row"), name="named_once")],
            },
        ),
        migrations.RunPython(_set_apart, migrations.RunPython.noop),
        migrations.RunPython(_first_day, migrations.RunPython.noop),
    ]
