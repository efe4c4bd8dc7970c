from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stars", "0005_guards_of_the_round_in_full")]
    operations = [
        migrations.AddField(
            model_name="round",
            name="contact",
            field=models.CharField(blank=True, max_length=200, verbose_name="异议受理方式"),
        ),
    ]
