"""Results are looked up by inspection and level: the one index that keeps them apart now serves that, too."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0011_two_errors")]
    operations = [
        migrations.RemoveConstraint("result", "result_once"),
        migrations.AlterField(
            "result",
            "inspection",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="results",
                to="records.inspection",
            ),
        ),
        migrations.AddConstraint(
            "result",
            models.UniqueConstraint(fields=["inspection", "level", "group", "name"], name="result_once"),
        ),
    ]
