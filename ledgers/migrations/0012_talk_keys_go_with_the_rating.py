from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledgers", "0011_plan_items_go_on")]
    operations = [
        migrations.AddConstraint(
            model_name="talk",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("locked_key__isnull", False),
                        ("rating_ends_at__isnull", False),
                        ("state", "open"),
                    ),
                    models.Q(models.Q(("state", "open"), _negated=True), ("locked_key", None)),
                    _connector="OR",
                ),
                name="talk_has_a_key_only_while_rated",
            ),
        ),
    ]
