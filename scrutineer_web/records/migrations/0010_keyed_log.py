"""An event states what the rows hold that were written with it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0009_jobs_and_signs_of_life")]
    operations = [
        # Nullable and without a default: SQLite adds the column in place, and the table keeps its triggers.
        migrations.AddField("event", "rows", models.TextField(null=True)),
    ]
