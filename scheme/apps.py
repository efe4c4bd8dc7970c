from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SchemeConfig(AppConfig):
    name = "scheme"
    verbose_name = _("单位与人员")
    # What the migrations lay on the tables; see scheme/guards.py.
    append_only = ["scheme_auditentry", "scheme_readreceipt"]
    guards = [
        "clause_is_fixed",
        "kinship_is_kept",
        "regulation_version_is_fixed",
        "regulation_version_is_kept",
        "restriction_is_kept",
    ]

    def ready(self):
        from scheme import checks  # noqa: F401  (registers itself)
