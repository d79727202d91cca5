from django.db import migrations, models


def begin_here(apps, editor):
    """What happened to an account before this version is no news to its owner."""
    end = (
        apps.get_model("records", "Chain")
        .objects.filter(name="room")
        .values_list("events", flat=True)
        .first()
    )
    apps.get_model("records", "User").objects.update(seen_event=end or 0)


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0007_issued_elsewhere"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="seen_event",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.RunPython(begin_here, migrations.RunPython.noop),
    ]
