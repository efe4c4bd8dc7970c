"""The words for offices and administrators. A leaf: models, roles and imports all use it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Office(models.TextChoices):
    """What a dated appointment gives. Which of them name a section or a branch stands below."""

    SECTION_CHIEF = "section_chief", _("科长")
    DEPUTY_CHIEF = "deputy_chief", _("副科长")
    LEADER_IN_CHARGE = "leader_in_charge", _("分管领导")
    BRANCH_SECRETARY = "branch_secretary", _("支部书记")
    BRANCH_COMMITTEE = "branch_committee", _("支部委员")
    COMMITTEE_CHAIR = "committee_chair", _("部务会主持人")
    COMMITTEE_MEMBER = "committee_member", _("部务会成员")
    PERSONNEL_OFFICE = "personnel_office", _("机关人事科")
    SUPERVISION_OFFICE = "supervision_office", _("督查室")


OF_A_SECTION = (Office.SECTION_CHIEF, Office.DEPUTY_CHIEF, Office.LEADER_IN_CHARGE)
OF_A_BRANCH = (Office.BRANCH_SECRETARY, Office.BRANCH_COMMITTEE)
OF_THE_UNIT = (
    Office.COMMITTEE_CHAIR,
    Office.COMMITTEE_MEMBER,
    Office.PERSONNEL_OFFICE,
    Office.SUPERVISION_OFFICE,
)


class Administrator(models.TextChoices):
    """The three administrators. They run the installation and see no business content."""

    NONE = "", _("无")
    SYSTEM = "system", _("系统管理员")
    SECURITY = "security", _("安全管理员")
    AUDIT = "audit", _("审计员")


class Staffing(models.TextChoices):
    CIVIL = "civil", _("行政")
    TREATED = "treated", _("参公")
    INSTITUTION = "institution", _("事业")
    WORKER = "worker", _("工勤")
