from django.core.management.base import BaseCommand
from django.utils import translation

from scheme.admin_rights import ADMIN_TABLES
from scheme.checks import routes
from scheme.roles import RIGHTS, ROLE_NAMES, SCOPE_NAMES, Role

HEAD = """\
# 职责与权限

本页由 `manage.py print_roles` 从代码印出，不要手改。`scheme/roles.py` 是唯一的一张表；
职责来自有起止日期的任职与归属（`scheme/access.py`）。看不到的答 404，看得到而无权的答 403。

"""


def _table(head, rows) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def _rights() -> str:
    verbs = dict.fromkeys(right.verb for right in RIGHTS)
    rows = []
    for verb in verbs:
        for right in (r for r in RIGHTS if r.verb == verb):
            states = "、".join(right.states) or "任何"
            rows.append([f"`{verb}`", ROLE_NAMES[right.role], SCOPE_NAMES[right.scope], states])
    return _table(["事项", "职责", "范围", "状态"], rows)


def _admin() -> str:
    rows = [
        [ROLE_NAMES[role], f"`{label}`", "、".join(verbs)]
        for role, tables in ADMIN_TABLES.items()
        for label, verbs in tables.items()
    ]
    return _table(["职责", "数据表", "可以"], rows)


def _routes() -> str:
    rows = [[f"`{name}`", f"`{getattr(view, 'gate', '')}`"] for name, view in sorted_routes()]
    return _table(["网址名", "进门要的事项"], rows)


def sorted_routes():
    return sorted(routes(), key=lambda pair: pair[0])


def page() -> str:
    with translation.override("zh-hans"):
        roles = _table(["职责", "代码"], [[ROLE_NAMES[role], f"`{role}`"] for role in Role])
        return (
            f"{HEAD}## 职责\n\n{roles}\n## 谁能对什么办什么\n\n{_rights()}\n"
            f"## 后台管理（Django admin）\n\n{_admin()}\n## 网址\n\n"
            "`open` 谁都能看；`signed in` 登录即可；其余须有该事项的权限。\n\n"
            f"{_routes()}"
        )


class Command(BaseCommand):
    help = "Prints docs/roles.md: who may do what, and what it takes to enter each page."

    def handle(self, *args, **options):
        self.stdout.write(page(), ending="")
