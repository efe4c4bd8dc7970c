from django.db import migrations

from scheme import guards

STEPS = [
    ("waiting", "sending"),
    ("waiting", "failed"),
    ("sending", "waiting"),
    ("sending", "sent"),
    ("sending", "unsure"),
    ("sending", "failed"),
]


class Migration(migrations.Migration):
    dependencies = [("desk", "0001_digests"), ("scheme", "0002_guards")]
    operations = [
        guards.append_only("desk_digestpolicy"),
        guards.only_these_steps("desk_delivery", STEPS),
    ]
