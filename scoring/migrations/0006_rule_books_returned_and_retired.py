import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Versions retired before these columns were there: who and why stand in the trail.
WHO_RETIRED_IT = """
UPDATE scoring_rulebook b
SET retired_by_id = a.actor_id, retired_at = a.at, retire_reason = left(a.reason, 500)
FROM (
    SELECT DISTINCT ON (object_id) object_id, actor_id, at, reason FROM scheme_auditentry
    WHERE act = 'rulebook.retire' AND object_type = 'scoring.rulebook' ORDER BY object_id, id DESC
) a
WHERE b.state = 'retired' AND a.object_id = b.id::text
"""


class Migration(migrations.Migration):
    dependencies = [
        ("scheme", "0004_notices_in_every_language"),
        ("scoring", "0005_guards_of_declarations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="historicalrulebook",
            name="retire_reason",
            field=models.CharField(blank=True, max_length=500, verbose_name="停用理由"),
        ),
        migrations.AddField(
            model_name="historicalrulebook",
            name="retired_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="停用时间"),
        ),
        migrations.AddField(
            model_name="historicalrulebook",
            name="retired_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="停用人",
            ),
        ),
        migrations.AddField(
            model_name="historicalrulebook",
            name="return_reason",
            field=models.CharField(blank=True, max_length=500, verbose_name="退回理由"),
        ),
        migrations.AddField(
            model_name="historicalrulebook",
            name="returned_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="退回时间"),
        ),
        migrations.AddField(
            model_name="historicalrulebook",
            name="returned_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="退回人",
            ),
        ),
        migrations.AddField(
            model_name="rulebook",
            name="retire_reason",
            field=models.CharField(blank=True, max_length=500, verbose_name="停用理由"),
        ),
        migrations.AddField(
            model_name="rulebook",
            name="retired_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="停用时间"),
        ),
        migrations.AddField(
            model_name="rulebook",
            name="retired_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="停用人",
            ),
        ),
        migrations.AddField(
            model_name="rulebook",
            name="return_reason",
            field=models.CharField(blank=True, max_length=500, verbose_name="退回理由"),
        ),
        migrations.AddField(
            model_name="rulebook",
            name="returned_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="退回时间"),
        ),
        migrations.AddField(
            model_name="rulebook",
            name="returned_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="退回人",
            ),
        ),
        migrations.RunSQL(WHO_RETIRED_IT, migrations.RunSQL.noop),
    ]
