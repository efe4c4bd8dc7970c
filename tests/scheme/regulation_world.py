"""A library to act on: a department, a text, and shortcuts through the actions."""

from datetime import date

from scheme import regulations
from scheme.actions import regulations as acts
from tests.factories import again, make_department

TEXT = """第一章 总则
第一条　为规范日报，制定本制度。
第二章 报送
第二条 每个工作日报送日报。
请假的免报：
（一）公休假；
（二）病假。
第三条 次日十时前报送为按时。
第三条之一 逾期的记为迟报。"""
BEGIN = date(2026, 2, 1)


def department():
    d = make_department()
    d.office = d.personnel[0]
    d.writer = d.chiefs[0]
    return d


def words(text=TEXT, effective_on=BEGIN, **more):
    return acts.Words(text, "组通〔2026〕1号", date(2026, 1, 5), effective_on, **more)


def drafted(d, *, title="日报制度", number=1, owner=None, by=None, text=TEXT, area=3, **more):
    return acts.draft(
        d.unit,
        area=area,
        number=number,
        title=title,
        owner=owner or d.one,
        words=words(text, **more),
        by=by or d.office,
    )


def waiting(d, **more):
    version = drafted(d, **more)
    return acts.hand_in(version.pk, by=version.drafted_by, seen=version.version)


def approved(d, **more):
    return approve(waiting(d, **more), d)


def approve(version, d):
    leader = next(one for one in regulations.approvers(version.regulation))
    return acts.approve(version.pk, by=again(leader), seen=version.version)


def revised(version, d, text, effective_on, by=None):
    """The next version, in force."""
    by = by or d.office
    version.regulation.refresh_from_db()
    draft = acts.revise(version.regulation_id, by=by, seen=version.regulation.version)
    draft = acts.write(draft.pk, words=words(text, effective_on), by=by, seen=draft.version)
    return approve(acts.hand_in(draft.pk, by=by, seen=draft.version), d)
