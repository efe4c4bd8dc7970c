"""What each role may do in Django's admin, as plain data; printed with the rights of roles.py."""

from scheme.roles import Role

R = Role
# Django's admin: role → model → verbs. Windows have "view" only; nothing is ever deleted there
# but rows that carry no history of their own.
VIEW, ADD, CHANGE, DELETE = "view", "add", "change", "delete"
EDIT = (VIEW, ADD, CHANGE)
ADMIN_TABLES: dict[Role, dict[str, tuple[str, ...]]] = {
    R.PERSONNEL: {
        "scheme.section": EDIT,
        "scheme.branch": EDIT,
        "scheme.staff": EDIT,
        "scheme.sectionmembership": EDIT,
        "scheme.branchmembership": EDIT,
        "scheme.appointment": EDIT,
        "scheme.absence": (*EDIT, DELETE),
        "scheme.star": (VIEW, CHANGE),
        "scheme.calendarday": EDIT,
        "scoring.rulebook": (VIEW, CHANGE),
        "scoring.rule": (*EDIT, DELETE),
        "scoring.tier": (*EDIT, DELETE),
        "scoring.scorerun": (VIEW,),
        "scoring.scorecard": (VIEW,),
        "ledgers.quarter": (VIEW,),
        "ledgers.pointentry": (VIEW,),
        "ledgers.monthlysummary": (VIEW,),
        "ledgers.studysession": (VIEW,),
        "ledgers.talk": (VIEW,),
        "ledgers.writingitem": (VIEW,),
        "ledgers.task": (VIEW,),
        "ledgers.supervisionnote": (VIEW,),
        "ledgers.promotion": (VIEW,),
        "ledgers.innovation": (VIEW,),
        "ledgers.planpaper": (VIEW,),
        "ledgers.monthlylist": (VIEW,),
        "ledgers.circular": (VIEW,),
        "scoring.declaration": (VIEW,),
        "scoring.manualentry": (VIEW,),
        "stars.round": (VIEW,),
        "stars.award": (VIEW,),
        "stars.publication": (VIEW,),
    },
    R.SYSTEM: {
        "scheme.unit": EDIT,
        "scheme.staff": EDIT,
        "scheme.job": (VIEW,),
        "scheme.calendarday": EDIT,
        "scheme.star": (VIEW,),
    },
    R.SECURITY: {
        "scheme.staff": (VIEW,),
        "scheme.section": (VIEW,),
        "scheme.branch": (VIEW,),
        "scheme.appointment": EDIT,
    },
    R.AUDITOR: {"scheme.auditentry": (VIEW,)},
}
