from django.db import migrations

from scheme import guards


class Migration(migrations.Migration):
    dependencies = [("ledgers", "0003_work_facts"), ("scheme", "0002_guards")]
    operations = [guards.append_only("ledgers_quartermove", "ledgers_evidencefile")]
