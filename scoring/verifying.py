"""Does the points book agree with itself, with the facts, the rules, and every stored scorecard?

Each check yields what is wrong, in words; nothing is written. A set-based check where sets do, a
recount in plain Python where the SQL itself is what is being checked.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date

from django.db import connection
from django.db.models import Count, F, Q, Sum
from django.utils.translation import gettext as _

from ledgers.models import PointEntry, Quarter
from scheme import clock, periods
from scheme.models import Section, SectionMembership, Staff, Unit
from scoring import counting, posting, queries, recount
from scoring.actions import rulebooks, runs
from scoring.models import ManualEntry, Rule, RuleBook, Scorecard, ScoreRun, Tier

Check = Callable[[Unit], Iterator[str]]


def rule_books(unit: Unit) -> Iterator[str]:
    """Every approved version says what it said when it was signed."""
    for book in RuleBook.objects.filter(unit=unit).exclude(digest=""):
        if rulebooks.digest_of(book, book.in_force_from) != book.digest:
            yield _("第%(version)s版细则与批准时的校验值不符") % {"version": book.version}


def entries(unit: Unit) -> Iterator[str]:
    """Every entry names a rule of its version, and bears that rule's star, kind and subject."""
    rules = {
        (rule.book.version, rule.code): rule
        for rule in Rule.objects.filter(book__unit=unit).select_related("book")
    }
    rows = PointEntry.objects.filter(unit=unit).values_list(
        "pk", "book_version", "rule_code", "star", "kind", "person"
    )
    for pk, version, code, star, kind, person in rows.iterator():
        rule = rules.get((version, code))
        subject = "section" if person is None else "person"
        if rule is None or (rule.star_id, rule.kind, rule.subject) != (star, kind, subject):
            yield _("分录%(pk)s与第%(version)s版细则的%(code)s不符") % {
                "pk": pk,
                "version": version,
                "code": code,
            }


def reversals(unit: Unit) -> Iterator[str]:
    """A reversal is the exact opposite of what it names; what was reversed is no fact any more."""
    same = Q(points=-F("reverses__points"))
    for name in (
        "person", "section", "star", "kind", "rule_code", "book_version", "event_on", "item",
        "source",
    ):  # fmt: skip
        if name in ("person", "section"):
            same &= Q(**{name: F(f"reverses__{name}")}) | Q(
                **{f"{name}__isnull": True, f"reverses__{name}__isnull": True}
            )
        else:
            same &= Q(**{name: F(f"reverses__{name}")})
    wrong = PointEntry.objects.filter(unit=unit, reverses__isnull=False).exclude(same)
    for entry in wrong:
        yield _("冲销分录%(pk)s不是分录%(other)s的反向") % {
            "pk": entry.pk,
            "other": entry.reverses_id,
        }
    twice = (
        PointEntry.objects.filter(unit=unit, reverses=None, reversed_by=None)
        .values("source", "rule_code", "person", "section")
        .annotate(n=Count("pk"))
        .filter(n__gt=1)
    )
    for row in twice:
        yield _("同一件事%(source)s在%(rule)s下有%(n)s条未冲销的分录") % {
            "source": row["source"],
            "rule": row["rule_code"],
            "n": row["n"],
        }


def closed_quarters(unit: Unit) -> Iterator[str]:
    """Nothing came into a closed quarter, nothing went, and the sum its signer saw stands."""
    for quarter in Quarter.objects.of_unit(unit).exclude(closed_at=None):
        own = PointEntry.objects.filter(quarter=quarter)
        if late := own.filter(posted_at__gt=quarter.closed_at).count():
            yield _("%(code)s关账后又记入了%(n)s条") % {"code": quarter.code, "n": late}
        move = quarter.moves.order_by("-pk").first()
        total = own.aggregate(n=Count("pk"), points=Sum("points"))
        stands = (total["n"], total["points"] or 0)
        if move is not None and stands != (move.entries, move.points):
            yield _("%(code)s关账时%(then)s，现在是%(now)s") % {
                "code": quarter.code,
                "then": f"{move.entries}, {move.points}",
                "now": f"{stands[0]}, {stands[1]}",
            }


def facts(unit: Unit) -> Iterator[str]:
    """Every entry in force rests on a fact that says just that."""
    for half, due in _due(unit):
        gone = [line for line in due if line.startswith("reverse")]
        if gone:
            yield _("%(half)s有%(n)s条分录没有相符的事实（先计分再核对），如%(first)s") % {
                "half": half,
                "n": len(gone),
                "first": gone[0].removeprefix("reverse "),
            }


def waiting(unit: Unit) -> int:
    """How many facts wait to be posted: the clock or the next scoring does it."""
    return sum(line.startswith("post") for _half, due in _due(unit) for line in due)


def _due(unit: Unit) -> Iterator[tuple[str, list[str]]]:
    start = _first_rules(unit)
    for half in halves(unit):
        span = periods.half_span(half)
        if start is not None and start <= span.last:
            reach = posting.reach(unit, max(start, span.first), span.last, clock.now())
            yield half, posting.differences(reach)


def manual_entries(unit: Unit) -> Iterator[str]:
    """Every entry made by hand was proposed by one person and approved by another."""
    approved = ManualEntry.objects.filter(unit=unit, state=ManualEntry.State.APPROVED)
    known = {
        (one.entry_id, one.points, one.person_id, one.section_id, one.rule_code)
        for one in approved
        if one.proposed_by_id != one.decided_by_id
    }
    rows = PointEntry.objects.filter(unit=unit, source__startswith="manual:")
    for entry in rows:
        key = (entry.pk, entry.points, entry.person_id, entry.section_id, entry.rule_code)
        if key not in known:
            yield _("手工分录%(pk)s没有两人经手的记录") % {"pk": entry.pk}


def caps(unit: Unit) -> Iterator[str]:
    """The scorecards counted in SQL and those counted entry by entry are the same."""
    for half in halves(unit):
        book = queries.book_for(unit, half)
        if book is None:
            continue
        live = queries.scorecards(unit, half, book)
        found = {}
        for card in live:
            subject = ("person", card.person_id) if card.person_id else ("section", card.section_id)
            figures = (card.base, card.deduction, card.bonus, card.score, card.place)
            found[subject, card.star_id] = figures
        again = _recounted(unit, half, book, {subject for subject, _star in found})
        for key in sorted(found.keys() | again.keys(), key=str):
            if found.get(key) != again.get(key):
                yield _("%(half)s %(who)s：SQL计为%(sql)s，逐条重算为%(again)s") % {
                    "half": half,
                    "who": f"{key[0][0]} {key[0][1]} {key[1] or ''}",
                    "sql": _figures(found.get(key)),
                    "again": _figures(again.get(key)),
                }


def scorecards(unit: Unit) -> Iterator[str]:
    """Every stored run still has the cards it was hashed with, and the newest of a half-year, its
    inputs being the same, comes out the same."""
    for run in ScoreRun.objects.filter(unit=unit):
        if runs.recomputed_hash(run) != run.output_hash:
            yield _("计分%(pk)s的计分卡与存下的结果校验值不符") % {"pk": run.pk}
        stars = Scorecard.objects.filter(run=run, star__isnull=False)
        base, deduction = stars.aggregate(b=Sum("base"), d=Sum("deduction")).values()
        totals = Scorecard.objects.filter(run=run, star=None)
        if (base, deduction) != tuple(totals.aggregate(b=Sum("base"), d=Sum("deduction")).values()):
            yield _("计分%(pk)s的合计不等于各星之和") % {"pk": run.pk}
    for half in set(ScoreRun.objects.filter(unit=unit).values_list("half", flat=True)):
        book, run = queries.book_for(unit, half), runs.standing(unit, half)
        if run and runs.output_now(unit, half, book) != run.output_hash:
            yield _("计分%(pk)s：同样的输入算出了别的结果") % {"pk": run.pk}
        newest = ScoreRun.objects.latest_of(unit, half)
        if not run and not _has_moved_on(unit, newest):
            yield _("计分%(pk)s之后没有记账，%(half)s的积分账却变了") % {
                "pk": newest.pk,
                "half": half,
            }


def _has_moved_on(unit: Unit, run: ScoreRun) -> bool:
    """Has anything been written since that explains other inputs: entries, rules, people?"""
    since = {"history_date__gt": run.at}
    return (
        PointEntry.objects.filter(unit=unit, posted_at__gt=run.at).exists()
        or RuleBook.history.filter(unit=unit, **since).exists()
        or Staff.history.filter(unit=unit, **since).exists()
        or Section.history.filter(unit=unit, **since).exists()
        or SectionMembership.history.filter(staff__unit=unit, **since).exists()
    )


CHECKS: tuple[Check, ...] = (
    rule_books, entries, reversals, closed_quarters, facts, manual_entries, caps, scorecards,
)  # fmt: skip


def halves(unit: Unit) -> list[str]:
    """Half-years something counts in, and the present one."""
    codes = Quarter.objects.of_unit(unit).filter(starts_on__lte=clock.today())
    days = [*codes.values_list("starts_on", flat=True), clock.today()]
    return sorted({periods.half_of(day) for day in days})


def _first_rules(unit: Unit) -> date | None:
    books = RuleBook.objects.holding().filter(unit=unit).order_by("in_force_from")
    return books.values_list("in_force_from", flat=True).first()


def _figures(figures) -> str:
    return " / ".join(map(str, figures)) if figures else "—"


def _recounted(unit: Unit, half: str, book: RuleBook, subjects: set) -> dict:
    valued = defaultdict(list)
    enabled = Tier.objects.filter(rule__book=book, enabled=True)
    for kind, star in set(enabled.values_list("rule__subject", "rule__star")):
        valued[kind].append(star)
    stars_of = {subject: valued[subject[0]] for subject in subjects}
    own = [one for one in _entries(unit, half, book) if one.subject in subjects]
    cards = recount.cards(own, stars_of, book.bonus_cap)
    pools = defaultdict(dict)
    for (subject, star), figures in cards.items():
        pools[subject[0], star][subject] = figures[3]
    placed = {pool: recount.places(scores) for pool, scores in pools.items()}
    return {
        (subject, star): (*figures, placed[subject[0], star][subject])
        for (subject, star), figures in cards.items()
    }


def _entries(unit: Unit, half: str, book: RuleBook) -> list[recount.Entry]:
    """What counts in the half-year, each with the stacking and caps it falls under."""
    sql = f"""
    WITH {counting.LIVE}
    SELECT id, person_id, section_id, star_id, kind, rule_code, points, item, quarter, event_on,
           row, stacking, cap_item, cap_quarter, cap_half, outside
    FROM live
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, queries.parameters(unit, half, book))
        rows = cursor.fetchall()
    return [
        recount.Entry(
            pk,
            ("person", person) if person else ("section", section),
            star,
            kind,
            rule,
            points,
            item,
            quarter,
            (day, row, pk),
            stacking,
            *limits,
            alone,
        )
        for pk, person, section, star, kind, rule, points, item, quarter, day, row, stacking,
        *limits, alone in rows
    ]  # fmt: skip
