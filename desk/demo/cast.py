"""Who a visitor can be. The numbers are those of the demo's roster."""

from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from scheme.actions import accounts
from scheme.models import Staff, Unit
from scheme.offices import Administrator

UNIT_NAME = "中共泽川市委组织部"


class Part(NamedTuple):
    staff_no: str
    role: str
    shows: str


CAST = (
    Part("ZC045", _("科员"), _("报今天的日报，填采用，给讲课评分，看自己的积分")),
    Part("ZC042", _("科长"), _("批阅科室日报，起草周表和月结，签收任务，推星")),
    Part("ZC005", _("分管领导"), _("批阅科长日报，评月结，批任务，部务会表决")),
    Part("ZC043", _("支部党员"), _("支部评星")),
    Part("ZC040", _("支部书记"), _("看支部评星进度")),
    Part("ZC013", _("机关人事科"), _("导花名册，登记学习，核实采用，开轮次，公布结果")),
    Part("ZC009", _("督查室"), _("交办任务、催办、审核报结，看督办台")),
    Part("ZC008", _("督查室"), _("交办、催办、审核任务，下发清单，拟通报")),
    Part("ZC003", _("部务会成员"), _("批准积分细则，表决")),
    Part("ZC001", _("部务会主持人"), _("表决，票数相同时裁定")),
)
ADMINISTRATORS = (
    Part("SYSADMIN", _("系统管理员"), _("单位、账号、后台任务")),
    Part("SECADMIN", _("安全管理员"), _("任职授权")),
    Part("AUDITOR", _("审计员"), _("审计记录")),
)
_KINDS = {
    "SYSADMIN": Administrator.SYSTEM,
    "SECADMIN": Administrator.SECURITY,
    "AUDITOR": Administrator.AUDIT,
}


def logins_file() -> Path:
    return Path(settings.BASE_DIR) / "var" / "demo-logins.txt"


def unit() -> Unit | None:
    return Unit.objects.filter(name=UNIT_NAME).first()


def people() -> list[tuple[Part, Staff]]:
    """The cast as it stands in the database, in order."""
    found = {one.login: one for one in Staff.objects.filter(login__in=_logins())}
    return [(part, found[part.staff_no]) for part in all_parts() if part.staff_no in found]


def all_parts() -> tuple[Part, ...]:
    return CAST + ADMINISTRATORS


def _logins() -> list[str]:
    return [part.staff_no for part in all_parts()]


def give_passwords() -> list[tuple[Part, Staff, str]]:
    """A random password each; the cast need not change it first."""
    for staff_no, kind in _KINDS.items():
        if not Staff.objects.filter(login=staff_no).exists():
            accounts.create_administrator(staff_no, kind=kind, by=None)
    given = []
    for part, person in people():
        password = accounts.give_first_password(person, by=None)
        Staff.objects.filter(pk=person.pk).update(must_change_password=False)
        given.append((part, person, password))
    return given


def write_logins(given: list[tuple[Part, Staff, str]]) -> Path:
    """For the person at the terminal; readable by nobody else on the machine."""
    path = logins_file()
    path.parent.mkdir(exist_ok=True)
    lines = [
        f"{part.staff_no:<9} {password:<18} {person.name}（{part.role}）：{part.shows}"
        for part, person, password in given
    ]
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
