"""Stretches of the room's history, so that devices notice a restore."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0005_forms")]

    operations = [
        migrations.CreateModel(
            name="Generation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("began_at", models.DateTimeField()),
                ("backup_of", models.DateTimeField(null=True)),
            ],
            options={"ordering": ("began_at",)},
        ),
    ]
