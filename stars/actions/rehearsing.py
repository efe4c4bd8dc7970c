"""A round played from its opening to its result by the real actions, for `rehearsal.play`, which
takes it all back. Nominees are made up from the best scorecards; everybody comes and says yes."""

from collections import Counter
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from scheme import clock, workdays
from scheme.errors import Refused
from scheme.models import Appointment, Notice, Section, Staff, Star
from scheme.offices import Office
from scheme.templatetags.look import md_hm, ymd
from scoring import queries
from scoring.actions import runs
from stars import readiness
from stars.branching import BranchStage
from stars.models import Award, Nomination, Round, Seat
from stars.models.round import NomineeKind

from . import nominations, opinions, participants, rounds, stages
from .rehearsing_sitting import PlayedSitting, said

S = Round.State
STEPS = 6
SHOWN = 12


class Rehearsal:
    """`report` plays it stage by stage until it is over or cannot go on."""

    def __init__(self, pk: int, by: Staff, step):
        self.round = Round.objects.select_related("unit").get(pk=pk)
        self.by = Staff.objects.get(pk=by.pk)
        self.step = step
        self.stages: list[dict] = []
        self.told = Notice.objects.count()
        self.done = 0

    def report(self) -> dict:
        play = (
            self._open,
            self._nominate,
            self._evaluate,
            self._decide,
            self._publicise,
            self._publish,
        )
        finished = True
        for act in play:
            if not act():
                finished = False
                break
            self.done += 1
            self.step(self.done, STEPS)
        barred = sum(len(stage["problems"]) for stage in self.stages)
        if not finished:
            verdict = _("走到“%(stage)s”走不下去。") % {"stage": self.stages[-1]["name"]}
        elif barred:
            verdict = _("整轮走得通，有%(n)s处会受阻。") % {"n": barred}
        else:
            verdict = _("整轮走得通，没有受阻的地方。")
        return {
            "finished": finished,
            "verdict": verdict,
            "stages": self.stages,
            "documents": self._documents() if finished else [],
        }

    # What every stage does alike

    def _stage(self, name, when: str) -> dict:
        stage = {"name": str(name), "when": when, "facts": []}
        stage |= {"problems": [], "notes": [], "items": []}
        self.stages.append(stage)
        return stage

    def _fresh(self) -> Round:
        self.round = Round.objects.select_related("unit", "book", "run").get(pk=self.round.pk)
        return self.round

    def _working_moment(self, hour: int) -> datetime:
        """The morning after the stage began, and before it ends."""
        began = self.round.stage_since
        moment = clock.at(workdays.following(clock.local(began).date()), hour)
        if moment >= self.round.due_at:
            moment = self.round.due_at - timedelta(hours=1)
        return max(moment, began)

    def _told(self, stage: dict) -> None:
        count = Notice.objects.count()
        stage["facts"].append((_("会通知"), _("%(n)s人次") % {"n": count - self.told}))
        self.told = count

    def _until(self) -> str:
        return _("到%(due)s") % {"due": md_hm(self.round.due_at)}

    def _go_on(self, stage: dict) -> bool:
        """The clock takes the step when the stage is due; does it get through?"""
        state = self.round.state
        with clock.pretend(self.round.due_at):
            stages.advance(self.round.pk)
        if self._fresh().state == state:
            stage["problems"].append(self.round.moves.last().reason)
            return False
        self._told(stage)
        return True

    # The stages

    def _open(self) -> bool:
        round_ = self.round
        stage = self._stage(_("开启"), ymd(clock.today()))
        gaps = readiness.missing(round_)
        stage["problems"] = [gap.text for gap in gaps if gap.blocking]
        stage["notes"] = [gap.text for gap in gaps if not gap.blocking]
        listed_ = list(round_.participants.all())
        taking = Counter(row.person_id is None for row in listed_ if row.takes_part)
        text = _("%(sections)s个科室、%(people)s人") % {
            "sections": taking[True],
            "people": taking[False],
        }
        stage["facts"].append((_("参加"), text))
        try:
            self._mend()
            rounds.open_(round_.pk, by=self.by, seen=self._fresh().version)
        except Refused as refused:
            stage["problems"].append(str(refused))
            return False
        self._fresh()
        self._told(stage)
        return True

    def _mend(self) -> None:
        """What the office would do on its way: take in who is new, have the scorecards counted,
        have the sections confirm. All of it has been named as missing."""
        round_ = self.round
        participants.complete(round_.pk, by=self.by)
        if runs.standing(round_.unit, round_.half) is None:
            runs.score(round_.unit, round_.half, by=self.by)
        for section in participants.unconfirmed(round_):
            participants.confirm(round_.pk, section, by=self.by, reason=_("演练"))

    def _nominate(self) -> bool:
        stage = self._stage(S.NOMINATING.label, self._until())
        with clock.pretend(self._working_moment(10)):
            chiefs = self._chiefs()
            made = self._put_forward(stage, chiefs)
        stage["facts"] += [
            (_("推荐科室"), _("%(n)s个") % {"n": len(chiefs)}),
            (_("推荐"), _("%(n)s项") % {"n": len(made)}),
        ]
        stage["items"] = [said(one) for one in made]
        return self._go_on(stage)

    def _chiefs(self) -> dict[int, Staff]:
        sections = self.round.participants.taking_part().exclude(section=None).values("section")
        held = Appointment.objects.on(clock.today()).filter(
            office=Office.SECTION_CHIEF, section__in=sections
        )
        return {row.section_id: row.staff for row in held.select_related("staff").order_by("-pk")}

    def _put_forward(self, stage: dict, chiefs: dict[int, Staff]) -> list[Nomination]:
        """For every star one more than there are places, where the sections have so many."""
        round_, made, taken = self.round, [], set()
        cards = queries.scorecards(round_.unit, round_.half, round_.book)
        sections = Section.objects.in_bulk(list(chiefs))
        part = round_.participants.taking_part().exclude(person=None).values("person")
        people = Staff.objects.filter(pk__in=part).with_section(clock.today()).in_bulk()
        refusals: list[str] = []
        for quota in round_.quotas.select_related("star"):
            if not (quota.places and quota.per_section):
                continue
            of_section: Counter[int] = Counter()
            wanted = quota.places + 1
            for card in sorted(
                (card for card in cards if card.star_id == quota.star_id),
                key=lambda card: (card.place, card.person_id or 0, card.section_id or 0),
            ):
                if not wanted:
                    break
                person = None
                if quota.kind == NomineeKind.PERSON:
                    person = people.get(card.person_id)
                    if person is None or person.pk in taken:
                        continue
                section = sections.get(person.section_id if person else card.section_id)
                if section is None or of_section[section.pk] >= quota.per_section:
                    continue
                try:
                    one = self._submit(quota.star, person, section, chiefs[section.pk])
                except Refused as refused:
                    refusals.append(str(refused))
                    continue
                made.append(one)
                wanted -= 1
                of_section[section.pk] += 1
                if person:
                    taken.add(person.pk)
        stage["notes"] += list(dict.fromkeys(refusals))[:SHOWN]
        return made

    def _submit(self, star: Star, person, section: Section, chief: Staff) -> Nomination:
        one = nominations.save(
            self.round.pk,
            by=chief,
            star=star,
            kind=NomineeKind.PERSON if person else NomineeKind.SECTION,
            person=person,
            section=section,
            statement=self._statement(),
        )
        return nominations.submit(one.pk, by=chief, seen=one.version)

    def _statement(self) -> str:
        text = _("演练用的推荐理由，不作数。")
        whole = text * (self.round.statement_fewest // len(text) + 1)
        return whole[: self.round.statement_most]

    def _evaluate(self) -> bool:
        stage = self._stage(S.AT_BRANCH.label, self._until())
        with clock.pretend(self._working_moment(10)):
            before = BranchStage(self.round)
            for one in before.nominations:
                self._judge_item(stage, before, one)
            mark = "100" if before.by_marks else "for"
            for seat in before.seats:
                marks = {
                    one.pk: opinions.Given(mark, "", one.version)
                    for one in before.owed(seat.staff_id)
                }
                if not marks:
                    continue
                opinions.give_all(self.round.pk, by=seat.staff, marks=marks)
                self.step(self.done, STEPS)
        stage["facts"] += [
            (_("支部"), _("%(n)s个") % {"n": len(before.seats_of)}),
            (_("应评"), _("%(n)s人") % {"n": len(before.seats)}),
            (_("提名"), _("%(n)s项") % {"n": len(before.nominations)}),
        ]
        return self._go_on(stage)

    def _judge_item(self, stage: dict, before: BranchStage, one: Nomination) -> None:
        count = before.tally(one)
        left = count.entitled - count.recused
        form = {"item": said(one), "entitled": count.entitled, "recused": count.recused}
        stage["items"].append(_("%(item)s：应评%(entitled)s人，回避%(recused)s人") % form)
        if left <= 0:
            stage["problems"].append(_("%(item)s：没有人可以评。") % form)
            return
        base = count.entitled if self.round.recused_count_as_entitled else left
        if not before.by_marks and left * 2 <= base:
            text = _("%(item)s：应评%(entitled)s人中回避%(recused)s人，赞成过不了半数。")
            stage["problems"].append(text % form)

    def _decide(self) -> bool:
        stage = self._stage(S.AT_COMMITTEE.label, self._until())
        with clock.pretend(self._working_moment(9)):
            try:
                PlayedSitting(self.round, self.by, stage).play(lambda: self.step(self.done, STEPS))
            except Refused as refused:
                stage["problems"].append(str(refused))
                return False
        return self._go_on(stage)

    def _publicise(self) -> bool:
        round_ = self.round
        stage = self._stage(S.PUBLICITY.label, self._until())
        text = _("%(first)s发布，次日起算，到%(last)s，%(n)s个工作日") % {
            "first": ymd(round_.publicity_from),
            "last": ymd(round_.publicity_until),
            "n": round_.publicity_days,
        }
        placed = Nomination.objects.filter(round=round_, decision__placed=True).count()
        stage["facts"] += [
            (_("公示时间"), text),
            (_("公示"), _("%(n)s项") % {"n": placed}),
        ]
        return self._go_on(stage)

    def _publish(self) -> bool:
        stage = self._stage(S.PUBLISHED.label, md_hm(self.round.stage_since))
        awards = Award.objects.filter(round=self.round).order_by("number")
        numbers = list(awards.values_list("number", flat=True))
        stage["facts"].append((_("获评"), _("%(n)s项") % {"n": len(numbers)}))
        if numbers:
            ends = {"first": numbers[0], "last": numbers[-1]}
            stage["facts"].append((_("编号"), _("%(first)s至%(last)s") % ends))
        return True

    def _documents(self) -> list[tuple[str, str]]:
        one = _("%(n)s份") % {"n": 1}
        awards = Award.objects.filter(round=self.round).count()
        branches = Seat.objects.filter(round=self.round, body=Seat.Body.BRANCH)
        count = branches.values("branch").distinct().count()
        return [
            (_("支部评星记录"), _("%(n)s份") % {"n": count}),
            (_("部务会纪要"), _("%(n)s份") % {"n": self.round.meetings.count()}),
            (_("公示通知"), one),
            (_("请示"), one),
            (_("通报"), one),
            (_("结果工作簿"), one),
            (_("证书"), _("%(n)s份") % {"n": awards}),
            (_("封存档案"), one),
        ]
