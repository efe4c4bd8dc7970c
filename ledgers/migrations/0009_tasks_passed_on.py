import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledgers", "0008_sheet_lines_dropped_and_drawn_from_progress"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PassingOn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=500, verbose_name="理由")),
                (
                    "state",
                    models.CharField(
                        choices=[("asked", "待定"), ("done", "已转办"), ("refused", "不转办")],
                        default="asked",
                        max_length=7,
                        verbose_name="状态",
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="申请时间")),
                (
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="办理时间"),
                ),
                ("answer", models.CharField(blank=True, max_length=300, verbose_name="意见")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="申请人",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="办理人",
                    ),
                ),
                (
                    "origin",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scheme.section",
                        verbose_name="原科室",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="passings",
                        to="ledgers.task",
                    ),
                ),
                (
                    "to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scheme.section",
                        verbose_name="转给",
                    ),
                ),
            ],
            options={
                "verbose_name": "转办",
                "verbose_name_plural": "转办",
                "ordering": ["-asked_at", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "asked")),
                        fields=("task",),
                        name="one_passing_on_asked_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("decided_by", models.F("asked_by")), _negated=True),
                        name="passing_on_not_decided_by_its_asker",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("to", models.F("origin")), _negated=True),
                        name="passed_on_to_another_section",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("state", "asked")),
                            models.Q(
                                models.Q(("state", "asked"), _negated=True),
                                ("decided_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="passing_on_decided_has_its_time",
                    ),
                ],
            },
        ),
    ]
