"""Scores are kept with two errors: about the caseload, and about what practice leads to."""

from django.db import migrations, models

NAMES = ("analytic_low", "analytic_high", "analytic_error")


def forget(apps, schema_editor):
    """Take the rows away that lack the second error; they follow from the scores and are written anew at the next start."""
    apps.get_model("records", "Result").objects.using(schema_editor.connection.alias).all().delete()


class Migration(migrations.Migration):
    dependencies = [("records", "0010_keyed_log")]
    operations = [
        # Nullable and without a default: SQLite adds the column in place, and the table keeps its triggers.
        *(migrations.AddField("result", name, models.FloatField(null=True)) for name in NAMES),
        migrations.RunPython(forget, migrations.RunPython.noop),
    ]
