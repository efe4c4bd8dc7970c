import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledgers", "0010_circulars_keep_what_was_signed")]

    operations = [
        migrations.AddField(
            model_name="planitem",
            name="continues",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledgers.planitem",
                verbose_name="承接",
            ),
        ),
    ]
