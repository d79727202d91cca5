import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import scrutineer_web.records.case

# Functions from the following migrations need manual copying.
# Move them and any dependencies into this file, then update the
# RunPython operations to refer to the local versions:
# scrutineer_web.records.migrations.0004_programme


def name_cases(apps, editor):
    """Every case that is there already gets a pseudonym of its own."""
    cases = apps.get_model("records", "Case").objects.filter(pseudonym=None).only("pk")
    batch = []
    for case in cases.iterator(chunk_size=2000):
        case.pseudonym = scrutineer_web.records.case.new_pseudonym()
        batch.append(case)
        if len(batch) == 500:
            cases.model.objects.bulk_update(batch, ["pseudonym"])
            batch = []
    cases.model.objects.bulk_update(batch, ["pseudonym"])


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0003_report"),
    ]

    operations = [
        migrations.CreateModel(
            name="Family",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100, unique=True)),
                ("description", models.TextField(blank=True, default="")),
                ("saved_at", models.DateTimeField()),
                (
                    "saved_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("name",),
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Area",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200, unique=True)),
                (
                    "family",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="areas",
                        to="records.family",
                    ),
                ),
                ("profile", models.JSONField(default=dict)),
                ("synthetic", models.BooleanField(default=False)),
                ("rev", models.PositiveIntegerField(default=1)),
                ("saved_at", models.DateTimeField()),
                (
                    "saved_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("retired_at", models.DateTimeField(null=True)),
                (
                    "retired_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("name",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("retired_at__isnull", True), ("retired_by__isnull", True)),
                            models.Q(("retired_at__isnull", False), ("retired_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="area_retired_at_and_by",
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Programme",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=150, unique=True)),
                (
                    "framework_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="programmes",
                        to="records.frameworkversion",
                    ),
                ),
                ("begins", models.DateField()),
                ("years", models.PositiveSmallIntegerField(default=3)),
                ("team", models.PositiveSmallIntegerField(default=6)),
                ("weights", models.JSONField(default=dict)),
                ("synthetic", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-begins", "-id"),
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Tranche",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tranches",
                        to="records.programme",
                    ),
                ),
                ("title", models.CharField(max_length=100)),
                ("begins", models.DateField()),
                ("ends", models.DateField()),
                ("inspectors", models.PositiveSmallIntegerField()),
                ("elements", models.JSONField(default=list)),
            ],
            options={
                "ordering": ("begins", "id"),
                "constraints": [models.UniqueConstraint(fields=("programme", "title"), name="tranche_once")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="PlannedInspection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="planned",
                        to="records.programme",
                    ),
                ),
                (
                    "tranche",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="planned",
                        to="records.tranche",
                    ),
                ),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="planned", to="records.area"
                    ),
                ),
                ("begins", models.DateField()),
                ("inspectors", models.PositiveSmallIntegerField()),
                (
                    "inspection",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="planned",
                        to="records.inspection",
                    ),
                ),
                ("saved_at", models.DateTimeField()),
                (
                    "saved_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("retired_at", models.DateTimeField(null=True)),
                (
                    "retired_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("begins", "area__name"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("retired_at__isnull", True)),
                        fields=("programme", "area"),
                        name="area_planned_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("retired_at__isnull", True), ("retired_by__isnull", True)),
                            models.Q(("retired_at__isnull", False), ("retired_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="planned_inspection_retired_at_and_by",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Result",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "inspection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="results",
                        to="records.inspection",
                    ),
                ),
                ("group", models.CharField(max_length=120)),
                (
                    "level",
                    models.CharField(
                        choices=[("group", "Group"), ("question", "Question"), ("score", "Score")],
                        max_length=8,
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("cases", models.PositiveIntegerField(null=True)),
                ("above", models.PositiveIntegerField(null=True)),
                ("score", models.FloatField(null=True)),
                ("low", models.FloatField(null=True)),
                ("high", models.FloatField(null=True)),
                ("error", models.FloatField(null=True)),
                ("freedom", models.FloatField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["group", "level", "name"], name="result_by_name")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("inspection", "group", "level", "name"), name="result_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Outcome",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outcomes",
                        to="records.case",
                    ),
                ),
                ("reconvicted", models.BooleanField(null=True)),
                ("predicted", models.FloatField(null=True)),
                ("score_at_start", models.FloatField(null=True)),
                ("score_at_end", models.FloatField(null=True)),
                ("imported_at", models.DateTimeField()),
                (
                    "imported_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("retired_at", models.DateTimeField(null=True)),
                (
                    "retired_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("retired_at__isnull", True)),
                        fields=("case",),
                        name="outcome_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("retired_at__isnull", True), ("retired_by__isnull", True)),
                            models.Q(("retired_at__isnull", False), ("retired_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="outcome_retired_at_and_by",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="CollectedReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="records.programme",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("across", "Across areas"), ("period", "Periodic")], max_length=8
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("wanted", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[("making", "Being made"), ("ready", "Ready"), ("failed", "Failed")],
                        default="making",
                        max_length=8,
                    ),
                ),
                ("progress", models.PositiveSmallIntegerField(default=0)),
                ("told", models.TextField(blank=True)),
                ("inspections", models.JSONField(default=list)),
                ("asked_at", models.DateTimeField()),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("made_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ("-id",),
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="CollectedFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="records.collectedreport",
                    ),
                ),
                ("path", models.CharField(max_length=150)),
                (
                    "blob",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.blob"
                    ),
                ),
            ],
            options={
                "ordering": ("path",),
                "constraints": [
                    models.UniqueConstraint(fields=("report", "path"), name="collected_file_once")
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reminders",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("day", models.DateField()),
                ("waiting", models.PositiveIntegerField()),
                ("overdue", models.PositiveIntegerField()),
                ("sent_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ("-day", "-id"),
                "constraints": [models.UniqueConstraint(fields=("user", "day"), name="reminder_once_a_day")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Beat",
            fields=[
                ("name", models.CharField(max_length=30, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.AddField(
            model_name="case",
            name="pseudonym",
            field=models.CharField(max_length=24, null=True),
        ),
        migrations.RunPython(
            code=name_cases,
            reverse_code=migrations.RunPython.noop,
        ),
        migrations.AlterField(
            model_name="case",
            name="pseudonym",
            field=models.CharField(
                default=scrutineer_web.records.case.new_pseudonym, max_length=24, unique=True
            ),
        ),
        migrations.AddField(
            model_name="inspection",
            name="pseudonymised_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="inspection",
            name="pseudonymised_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="inspection",
            name="purged_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="inspection",
            name="purged_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="appointment",
            name="role",
            field=models.CharField(
                choices=[
                    ("programme_manager", "Programme manager"),
                    ("information_manager", "Information manager"),
                    ("analyst", "Analyst"),
                    ("methodologist", "Methodologist"),
                    ("auditor", "Auditor"),
                    ("administrator", "Administrator"),
                    ("chief_inspector", "Chief inspector"),
                    ("publications", "Publications"),
                ],
                max_length=30,
            ),
        ),
        migrations.AddConstraint(
            model_name="inspection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("pseudonymised_at__isnull", True), ("pseudonymised_by__isnull", True)),
                    models.Q(("pseudonymised_at__isnull", False), ("pseudonymised_by__isnull", False)),
                    _connector="OR",
                ),
                name="inspection_pseudonymised_at_and_by",
            ),
        ),
        migrations.AddConstraint(
            model_name="inspection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("purged_at__isnull", True), ("purged_by__isnull", True)),
                    models.Q(("purged_at__isnull", False), ("purged_by__isnull", False)),
                    _connector="OR",
                ),
                name="inspection_purged_at_and_by",
            ),
        ),
    ]
