from django.db import migrations

from scheme import guards


class Migration(migrations.Migration):
    dependencies = [("scheme", "0001_people_and_ground")]
    operations = [guards.refuse_function(), guards.append_only("scheme_auditentry")]
