"""Who may do what, as plain data: the page an auditor reads (docs/roles.md is printed from it).

A role comes from a dated appointment or membership (scheme/access.py turns them into roles for a
day). A scope says on whose things: one's own, those of the section one belongs to or heads, of the
sections in one's charge, of one's branch, of the whole unit. A right may name the states in which
it holds; none named means in any.
"""

from enum import StrEnum
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _


class Role(StrEnum):
    STAFF = "staff"
    MEMBER = "member"
    CHIEF = "chief"
    DEPUTY = "deputy"
    LEADER = "leader"
    PARTY_MEMBER = "party_member"
    SECRETARY = "secretary"
    COMMITTEE = "committee"
    CHAIR = "chair"
    PERSONNEL = "personnel"
    SUPERVISION = "supervision"
    SYSTEM = "system"
    SECURITY = "security"
    AUDITOR = "auditor"


ROLE_NAMES = {
    Role.STAFF: _("在册人员"),
    Role.MEMBER: _("科室成员"),
    Role.CHIEF: _("科长（含主持工作）"),
    Role.DEPUTY: _("副科长"),
    Role.LEADER: _("分管领导"),
    Role.PARTY_MEMBER: _("支部党员"),
    Role.SECRETARY: _("支部书记"),
    Role.COMMITTEE: _("部务会成员"),
    Role.CHAIR: _("部务会主持人"),
    Role.PERSONNEL: _("机关人事科"),
    Role.SUPERVISION: _("督查室"),
    Role.SYSTEM: _("系统管理员"),
    Role.SECURITY: _("安全管理员"),
    Role.AUDITOR: _("审计员"),
}


class Scope(StrEnum):
    OWN = "own"
    SECTION = "section"
    CHARGE = "charge"
    BRANCH = "branch"
    UNIT = "unit"
    INSTALLATION = "installation"


SCOPE_NAMES = {
    Scope.OWN: _("本人的"),
    Scope.SECTION: _("本科室的"),
    Scope.CHARGE: _("分管科室的"),
    Scope.BRANCH: _("本支部的"),
    Scope.UNIT: _("本单位的"),
    Scope.INSTALLATION: _("全系统的"),
}


class Right(NamedTuple):
    verb: str
    role: Role
    scope: Scope
    states: tuple[str, ...] = ()


R, S = Role, Scope

RIGHTS: tuple[Right, ...] = (
    # The desk, one's own account, the people of the unit.
    Right("desk.use", R.STAFF, S.OWN),
    Right("people.read", R.STAFF, S.UNIT),
    Right("roster.import", R.PERSONNEL, S.UNIT),
    Right("roster.export", R.PERSONNEL, S.UNIT),
    Right("account.give_password", R.PERSONNEL, S.UNIT),
    Right("account.give_password", R.SYSTEM, S.INSTALLATION),
    Right("calendar.load", R.PERSONNEL, S.UNIT),
    Right("calendar.load", R.SYSTEM, S.INSTALLATION),
    Right("job.read", R.STAFF, S.OWN),
    # Daily reports. Who reviews depends on the author's office that day.
    Right("report.read", R.STAFF, S.OWN),
    Right("report.read", R.CHIEF, S.SECTION),
    Right("report.read", R.DEPUTY, S.SECTION),
    Right("report.read", R.LEADER, S.CHARGE),
    Right("report.file", R.MEMBER, S.OWN, ("draft", "returned")),
    Right("review.open", R.CHIEF, S.SECTION),
    Right("review.open", R.LEADER, S.CHARGE),
    Right("report.review", R.CHIEF, S.SECTION, ("filed",)),
    Right("report.review_chief", R.LEADER, S.CHARGE, ("filed",)),
    # Reports once more: sent back to its author after acceptance, with a reason; filing figures.
    Right("report.unlock", R.CHIEF, S.SECTION, ("accepted",)),
    Right("report.unlock_chief", R.LEADER, S.CHARGE, ("accepted",)),
    Right("filing.read", R.STAFF, S.OWN),
    Right("filing.read", R.CHIEF, S.SECTION),
    Right("filing.read", R.LEADER, S.CHARGE),
    Right("filing.read", R.PERSONNEL, S.UNIT),
    # Leave and travel: asked for by oneself, granted by the chief (a chief's by the leader).
    Right("absence.read", R.STAFF, S.OWN),
    Right("absence.read", R.CHIEF, S.SECTION),
    Right("absence.read", R.LEADER, S.CHARGE),
    Right("absence.read", R.PERSONNEL, S.UNIT),
    Right("absence.ask", R.MEMBER, S.OWN),
    Right("absence.grant", R.CHIEF, S.SECTION, ("asked",)),
    Right("absence.grant_chief", R.LEADER, S.CHARGE, ("asked",)),
    Right("absence.keep", R.PERSONNEL, S.UNIT),
    # Who stands in for an absent chief or leader: named by themselves or by the personnel office.
    Right("deputation.read", R.STAFF, S.UNIT),
    Right("deputation.name", R.CHIEF, S.OWN),
    Right("deputation.name", R.LEADER, S.OWN),
    Right("deputation.name", R.PERSONNEL, S.UNIT),
    # Sheets drafted from accepted lines: 周例会, 一月一结, 年终述职.
    Right("weekly.read", R.STAFF, S.UNIT),
    Right("weekly.write", R.CHIEF, S.SECTION, ("draft",)),
    Right("weekly.write", R.DEPUTY, S.SECTION, ("draft",)),
    Right("weekly.withdraw", R.CHIEF, S.SECTION, ("filed",)),
    Right("weekly.withdraw", R.DEPUTY, S.SECTION, ("filed",)),
    Right("summary.read", R.MEMBER, S.SECTION),
    Right("summary.read", R.LEADER, S.CHARGE),
    Right("summary.read", R.COMMITTEE, S.UNIT),
    Right("summary.read", R.PERSONNEL, S.UNIT),
    Right("summary.read", R.SUPERVISION, S.UNIT),
    Right("summary.write", R.CHIEF, S.SECTION, ("draft", "returned")),
    Right("summary.write", R.DEPUTY, S.SECTION, ("draft", "returned")),
    Right("summary.grade", R.LEADER, S.CHARGE, ("filed",)),
    Right("summary.regrade", R.LEADER, S.CHARGE, ("graded",)),
    # The chair, only where nobody but the filer has the section in charge.
    Right("summary.grade", R.CHAIR, S.UNIT, ("filed",)),
    Right("summary.regrade", R.CHAIR, S.UNIT, ("graded",)),
    Right("work_report.read", R.STAFF, S.OWN),
    Right("work_report.read", R.CHIEF, S.SECTION),
    Right("work_report.read", R.LEADER, S.CHARGE),
    Right("work_report.read", R.COMMITTEE, S.UNIT),
    Right("work_report.read", R.PERSONNEL, S.UNIT),
    Right("work_report.write", R.MEMBER, S.OWN, ("draft", "returned")),
    Right("work_report.receive", R.CHIEF, S.SECTION, ("filed",)),
    Right("work_report.receive_chief", R.LEADER, S.CHARGE, ("filed",)),
    Right("work_report.receive_chief", R.CHAIR, S.UNIT, ("filed",)),
    # 一报告一要点一台账一清单. Papers are approved in the chair of the committee.
    Right("paper.read", R.STAFF, S.UNIT),
    Right("paper.write", R.SUPERVISION, S.UNIT, ("draft", "returned")),
    Right("paper.approve", R.CHAIR, S.UNIT, ("filed",)),
    Right("task.read", R.STAFF, S.UNIT),
    Right("task.propose", R.CHIEF, S.SECTION, ("draft", "returned")),
    Right("task.propose", R.SUPERVISION, S.UNIT, ("draft", "returned")),
    Right("task.approve", R.LEADER, S.CHARGE, ("filed",)),
    Right("task.assign", R.SUPERVISION, S.UNIT, ("approved",)),
    Right("task.cancel", R.SUPERVISION, S.UNIT),
    Right("list.read", R.STAFF, S.UNIT),
    Right("list.issue", R.SUPERVISION, S.UNIT, ("draft",)),
    Right("list.sign", R.CHIEF, S.SECTION, ("issued",)),
    # Supervision: the section works, the supervision office presses and reviews, leaders decide.
    Right("task.receive", R.CHIEF, S.SECTION, ("assigned",)),
    Right("task.progress", R.CHIEF, S.SECTION, ("received",)),
    # One's own: what one handles as 主办.
    Right("task.progress", R.MEMBER, S.OWN, ("received",)),
    Right("task.report_done", R.CHIEF, S.SECTION, ("received",)),
    Right("task.ask_extension", R.CHIEF, S.SECTION, ("received",)),
    # Whoever chairs the committee decides where a section has no leader, or the leader is away.
    Right("task.decide_extension", R.LEADER, S.CHARGE),
    Right("task.decide_extension", R.CHAIR, S.UNIT),
    Right("task.pass_on", R.CHIEF, S.SECTION, ("assigned", "received")),
    Right("task.hand_over", R.SUPERVISION, S.UNIT, ("assigned", "received")),
    Right("task.press", R.SUPERVISION, S.UNIT, ("assigned", "received")),
    Right("task.review", R.SUPERVISION, S.UNIT, ("reported",)),
    Right("task.close", R.LEADER, S.CHARGE, ("reviewed",)),
    Right("task.close", R.CHAIR, S.UNIT, ("reviewed",)),
    Right("task.strike", R.SUPERVISION, S.UNIT, ("closed",)),
    Right("task.suspend", R.LEADER, S.CHARGE),
    Right("task.suspend", R.CHAIR, S.UNIT),
    Right("supervision.read", R.STAFF, S.UNIT),
    Right("supervision.board", R.SUPERVISION, S.UNIT),
    Right("supervision.board", R.COMMITTEE, S.UNIT),
    Right("supervision.board", R.LEADER, S.CHARGE),
    Right("supervision.settings", R.SUPERVISION, S.UNIT),
    Right("supervision.answer", R.CHIEF, S.SECTION, ("stands",)),
    Right("supervision.answer", R.MEMBER, S.OWN, ("stands",)),
    Right("supervision.void", R.LEADER, S.CHARGE),
    Right("supervision.void", R.CHAIR, S.UNIT),
    # Study and talks. Ratings are sealed until the talk is closed.
    Right("study.read", R.STAFF, S.UNIT),
    Right("study.keep", R.PERSONNEL, S.UNIT),
    Right("talk.read", R.STAFF, S.UNIT),
    Right("talk.keep", R.PERSONNEL, S.UNIT),
    Right("talk.give", R.MEMBER, S.OWN),
    Right("talk.rate", R.STAFF, S.UNIT, ("open",)),
    # Writing and innovation: filed by whoever did it, verified by another hand.
    Right("writing.read", R.STAFF, S.UNIT),
    Right("writing.file", R.MEMBER, S.OWN, ("draft", "returned")),
    Right("writing.file_section", R.CHIEF, S.SECTION),
    Right("writing.verify", R.PERSONNEL, S.UNIT, ("filed",)),
    Right("writing.verify", R.SUPERVISION, S.UNIT, ("filed",)),
    Right("writing.void", R.PERSONNEL, S.UNIT, ("verified",)),
    Right("innovation.read", R.STAFF, S.UNIT),
    Right("innovation.file", R.MEMBER, S.OWN, ("draft", "returned")),
    Right("innovation.file_section", R.CHIEF, S.SECTION),
    Right("innovation.verify", R.PERSONNEL, S.UNIT, ("filed",)),
    Right("innovation.void", R.PERSONNEL, S.UNIT, ("verified",)),
    # Meetings and circulars.
    Right("meeting.read", R.STAFF, S.UNIT),
    Right("meeting.keep", R.SUPERVISION, S.UNIT),
    Right("suggestion.raise", R.STAFF, S.UNIT, ("open",)),
    Right("circular.read", R.STAFF, S.UNIT),
    Right("circular.write", R.SUPERVISION, S.UNIT, ("draft", "returned")),
    Right("circular.write", R.PERSONNEL, S.UNIT, ("draft", "returned")),
    Right("circular.withdraw", R.SUPERVISION, S.UNIT, ("filed",)),
    Right("circular.withdraw", R.PERSONNEL, S.UNIT, ("filed",)),
    Right("circular.approve", R.CHAIR, S.UNIT, ("filed",)),
    Right("circular.issue", R.SUPERVISION, S.UNIT, ("approved",)),
    Right("circular.issue", R.PERSONNEL, S.UNIT, ("approved",)),
    # Ledgers as workbooks. Who keeps a ledger may read a workbook into it.
    Right("ledger.read", R.STAFF, S.UNIT),
    Right("ledger.export", R.STAFF, S.UNIT),
    # Attendance and ratings say of persons what is theirs.
    Right("ledger.export_persons", R.PERSONNEL, S.UNIT),
    Right("ledger.import", R.PERSONNEL, S.UNIT),
    # Regulations.
    Right("regulation.read", R.STAFF, S.UNIT),
    Right("regulation.write", R.PERSONNEL, S.UNIT, ("draft",)),
    Right("regulation.write", R.CHIEF, S.SECTION, ("draft",)),
    Right("regulation.approve", R.LEADER, S.CHARGE, ("draft",)),
    # Who keeps a regulation sees who has read it and asks for it to be read.
    Right("regulation.manage", R.PERSONNEL, S.UNIT),
    Right("regulation.manage", R.CHIEF, S.SECTION),
    Right("regulation.settings", R.PERSONNEL, S.UNIT),
    # The daily digest.
    Right("digest.read", R.STAFF, S.OWN),
    Right("digest.settings", R.PERSONNEL, S.UNIT),
    # Points: one's own always; others' only by office.
    Right("points.read", R.STAFF, S.OWN),
    Right("points.read", R.CHIEF, S.SECTION),
    Right("points.read", R.LEADER, S.CHARGE),
    Right("points.read", R.COMMITTEE, S.UNIT),
    Right("points.read", R.PERSONNEL, S.UNIT),
    Right("points.read_section", R.MEMBER, S.SECTION),
    Right("points.read_section", R.LEADER, S.CHARGE),
    Right("points.read_section", R.COMMITTEE, S.UNIT),
    Right("points.read_section", R.PERSONNEL, S.UNIT),
    Right("rulebook.read", R.STAFF, S.UNIT),
    Right("rulebook.propose", R.PERSONNEL, S.UNIT),
    # The leader in charge of the personnel office; never the proposer.
    Right("rulebook.approve", R.LEADER, S.CHARGE, ("draft",)),
    Right("rulebook.retire", R.LEADER, S.CHARGE, ("approved",)),
    # A trial shows everybody's figures: for who proposes the rules and who approves them.
    Right("rulebook.sandbox", R.PERSONNEL, S.UNIT),
    Right("rulebook.sandbox", R.LEADER, S.CHARGE),
    Right("score.run", R.PERSONNEL, S.UNIT),
    Right("score.read", R.PERSONNEL, S.UNIT),
    Right("score.read", R.COMMITTEE, S.UNIT),
    Right("quarter.read", R.PERSONNEL, S.UNIT),
    Right("quarter.read", R.LEADER, S.CHARGE),
    Right("quarter.close", R.PERSONNEL, S.UNIT, ("open",)),
    # The leader in charge of the personnel office, and never who closed it.
    Right("quarter.reopen", R.LEADER, S.CHARGE, ("closed",)),
    Right("facts.import", R.PERSONNEL, S.UNIT),
    Right("manual.read", R.PERSONNEL, S.UNIT),
    Right("manual.read", R.LEADER, S.CHARGE),
    Right("manual.propose", R.PERSONNEL, S.UNIT),
    # The leader in charge of the personnel office; never the proposer, never about oneself.
    Right("manual.decide", R.LEADER, S.CHARGE, ("proposed",)),
    # Declarations: filed by the person (a section's by its chief), first checked by the chief
    # (a chief's own and a section's by the leader in charge), verified by the personnel office.
    Right("declaration.read", R.STAFF, S.OWN),
    Right("declaration.read", R.MEMBER, S.SECTION),
    Right("declaration.read", R.CHIEF, S.SECTION),
    Right("declaration.read", R.LEADER, S.CHARGE),
    Right("declaration.read", R.PERSONNEL, S.UNIT),
    Right("declaration.file", R.MEMBER, S.OWN, ("draft", "returned")),
    Right("declaration.file_section", R.CHIEF, S.SECTION, ("draft", "returned")),
    Right("declaration.open_checks", R.CHIEF, S.SECTION),
    Right("declaration.open_checks", R.LEADER, S.CHARGE),
    Right("declaration.check", R.CHIEF, S.SECTION, ("filed",)),
    Right("declaration.check_chief", R.LEADER, S.CHARGE, ("filed",)),
    Right("declaration.verify", R.PERSONNEL, S.UNIT, ("checked",)),
    Right("declaration.revoke", R.PERSONNEL, S.UNIT, ("confirmed",)),
    Right("declaration.window", R.PERSONNEL, S.UNIT),
    Right("declaration.export", R.PERSONNEL, S.UNIT),
    # The round.
    Right("round.read", R.STAFF, S.UNIT),
    Right("round.manage", R.PERSONNEL, S.UNIT),
    Right("nomination.read", R.CHIEF, S.SECTION),
    Right("nomination.read", R.STAFF, S.OWN),
    Right("nomination.read", R.LEADER, S.CHARGE),
    Right("nomination.read", R.PARTY_MEMBER, S.BRANCH, ("at_branch", "at_committee", "closed")),
    Right("nomination.read", R.COMMITTEE, S.UNIT),
    Right("nomination.read", R.PERSONNEL, S.UNIT),
    Right("nomination.write", R.CHIEF, S.SECTION, ("draft", "returned")),
    Right("nomination.withdraw", R.CHIEF, S.SECTION, ("draft", "returned", "submitted")),
    Right("nomination.return", R.PERSONNEL, S.UNIT, ("submitted",)),
    # A section stands by its part of the list of participants before the round opens.
    Right("round.confirm", R.CHIEF, S.SECTION, ("preparing",)),
    # What bars somebody, and who is kin to whom: confidential.
    Right("restriction.read", R.STAFF, S.OWN),
    Right("restriction.read", R.PERSONNEL, S.UNIT),
    Right("restriction.record", R.PERSONNEL, S.UNIT),
    Right("kin.read", R.STAFF, S.OWN),
    Right("kin.read", R.PERSONNEL, S.UNIT),
    Right("kin.declare", R.STAFF, S.OWN),
    Right("kin.declare", R.PERSONNEL, S.UNIT),
    Right("clearance.record", R.PERSONNEL, S.UNIT, ("submitted", "at_branch", "at_committee")),
    Right("opinion.give", R.PARTY_MEMBER, S.BRANCH, ("at_branch",)),
    Right("branch.record", R.SECRETARY, S.BRANCH, ("at_branch", "at_committee")),
    # Standing back: declared by oneself; ordered, or lifted when in error, by office and chair.
    Right("recusal.declare", R.PARTY_MEMBER, S.BRANCH, ("at_branch",)),
    Right("recusal.declare", R.COMMITTEE, S.UNIT, ("at_committee",)),
    Right("recusal.order", R.PERSONNEL, S.UNIT, ("at_branch", "at_committee")),
    Right("recusal.order", R.CHAIR, S.UNIT, ("at_committee",)),
    # The sitting: the office arranges and keeps attendance; office or chair lead it item by item.
    Right("sitting.manage", R.PERSONNEL, S.UNIT, ("at_committee",)),
    Right("sitting.lead", R.PERSONNEL, S.UNIT, ("at_committee",)),
    Right("sitting.lead", R.CHAIR, S.UNIT, ("at_committee",)),
    Right("vote.cast", R.COMMITTEE, S.UNIT, ("at_committee",)),
    Right("vote.settle", R.CHAIR, S.UNIT, ("at_committee",)),
    Right("sitting.show", R.COMMITTEE, S.UNIT, ("at_committee",)),
    Right("sitting.show", R.PERSONNEL, S.UNIT, ("at_committee",)),
    Right("minutes.read", R.COMMITTEE, S.UNIT),
    Right("minutes.read", R.PERSONNEL, S.UNIT),
    Right("minutes.write", R.PERSONNEL, S.UNIT),
    Right("minutes.confirm", R.CHAIR, S.UNIT),
    Right("objection.raise", R.STAFF, S.UNIT, ("publicity",)),
    Right("objection.record", R.PERSONNEL, S.UNIT, ("publicity",)),
    # Who looks into it: the office says; the chair, where it concerns everybody in the office.
    Right("objection.assign", R.PERSONNEL, S.UNIT, ("publicity",)),
    Right("objection.assign", R.CHAIR, S.UNIT, ("publicity",)),
    Right("objection.read", R.STAFF, S.OWN),
    Right("objection.read", R.PERSONNEL, S.UNIT),
    Right("objection.handle", R.PERSONNEL, S.UNIT),
    # Whoever the office asked to look into it: its own people may all have judged the matter.
    Right("objection.handle", R.STAFF, S.OWN, ("open",)),
    Right("award.print", R.PERSONNEL, S.UNIT),
    Right("award.revoke", R.PERSONNEL, S.UNIT),
    Right("award.revoke_decide", R.CHAIR, S.UNIT, ("proposed",)),
    Right("award.revoke_read", R.PERSONNEL, S.UNIT),
    Right("award.revoke_read", R.COMMITTEE, S.UNIT),
    # Points that rested on the same wrong as a star that is revoked.
    Right("points.take_back", R.CHAIR, S.UNIT),
    # Notice, memo, circular of a round as Word.
    Right("round.document", R.PERSONNEL, S.UNIT),
    Right("round.document", R.COMMITTEE, S.UNIT),
    Right("archive.make", R.PERSONNEL, S.UNIT, ("published",)),
    Right("archive.read", R.PERSONNEL, S.UNIT),
    Right("archive.read", R.COMMITTEE, S.UNIT),
    Right("result.read", R.STAFF, S.UNIT, ("publicity", "published")),
    Right("result.export", R.PERSONNEL, S.UNIT, ("published",)),
    Right("result.export", R.COMMITTEE, S.UNIT, ("published",)),
)
