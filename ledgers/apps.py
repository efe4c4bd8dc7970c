from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgersConfig(AppConfig):
    name = "ledgers"
    verbose_name = _("工作台账")
    # What the migrations lay on the tables; see scheme/guards.py.
    append_only = [
        "ledgers_escalation",
        "ledgers_evidencefile",
        "ledgers_ledgermove",
        "ledgers_lightpolicy",
        "ledgers_pointentry",
        "ledgers_progress",
        "ledgers_quartermove",
        "ledgers_reportevent",
        "ledgers_reportpolicy",
    ]
    guards = [
        "circular_is_frozen",
        "circular_naming_is_signed",
        "circular_part_is_signed",
        "entry_into_open_quarter",
        "ledgers_circular_steps",
        "report_is_frozen",
    ]
