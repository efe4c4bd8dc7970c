"""What the pages of the library show: catalogue rows, a text with its marks, two texts compared."""

import re
from datetime import date
from difflib import SequenceMatcher
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from scheme import clauses, clock, regulations
from scheme.models import Clause, Regulation, RegulationVersion
from scheme.models.regulation import VersionQuerySet

State = RegulationVersion.State
AROUND = 36


# --- The catalogue


def catalogue(person):
    """Regulations of which the person sees a version, each with those versions at hand, without
    their texts."""
    seen = RegulationVersion.objects.visible_to(person)
    of_one = seen.filter(regulation=OuterRef("pk"))
    versions = seen.defer("text").order_by("-effective_on", "-number")
    return (
        Regulation.objects.visible_to(person)
        .filter(Exists(of_one))
        .select_related("owner")
        .prefetch_related(Prefetch("versions", versions, to_attr="seen"))
        .order_by("number")
    )


def narrowed(rows, person, *, q="", area="", owner=None, status=""):
    today = clock.today()
    of_one = RegulationVersion.objects.visible_to(person).filter(regulation=OuterRef("pk"))
    if area:
        rows = rows.filter(area=area)
    if owner:
        rows = rows.filter(owner=owner)
    if status == "in_force":
        rows = rows.filter(Exists(of_one.in_force(today)))
    elif status == "coming":
        rows = rows.filter(Exists(of_one.approved().filter(effective_on__gt=today)))
    elif status == "draft":
        rows = rows.filter(Exists(of_one.filter(state=State.DRAFT)))
    elif status == "abolished":
        rows = rows.filter(Exists(of_one.holding(today).filter(abolishes=True)))
    elif status == "review":
        rows = rows.filter(review_on__lte=today, review_on__isnull=False)
    for word in q.split():
        hit = Q(Exists(of_one.filter(document_no__icontains=word)))
        if pairs := clauses.needed(word):
            holding = Clause.objects.filter(
                regulation_version__in=current(person),
                regulation_version__regulation=OuterRef("pk"),
                grams__contains=pairs,
                text__icontains=word,
            )
            hit |= Q(Exists(holding))
        rows = rows.filter(hit | Q(title__icontains=word))
    return rows


def current(person) -> VersionQuerySet:
    """The texts one looks in: those in force today and those approved for a day to come."""
    seen = RegulationVersion.objects.visible_to(person)
    in_force = seen.in_force(clock.today()).values("pk")
    coming = seen.newest().filter(abolishes=False).values("pk")
    return RegulationVersion.objects.filter(Q(pk__in=in_force) | Q(pk__in=coming))


class Row(NamedTuple):
    regulation: Regulation
    area: str
    shown: RegulationVersion
    status: tuple[str, str]
    draft: tuple[str, str] | None
    review_due: bool


def rows_of(found, names: dict[int, str]) -> list[Row]:
    """`found`: regulations of `catalogue`. Each is shown by the version that counts today; before
    its first day by the one to come, then by its draft."""
    today = clock.today()
    made = []
    for one in found:
        holding = holding_of(one.seen, today)
        drafts = [version for version in one.seen if version.state == State.DRAFT]
        approved = [version for version in one.seen if version.state == State.APPROVED]
        shown = holding or (approved or drafts)[0]
        holding_pk = holding.pk if holding else None
        draft = regulations.status(drafts[0], holding_pk, today) if drafts else None
        made.append(
            Row(
                one,
                names[one.area],
                shown,
                regulations.status(shown, holding_pk, today),
                draft if drafts and drafts[0] != shown else None,
                one.review_on is not None and one.review_on <= today,
            )
        )
    return made


def holding_of(versions, day: date) -> RegulationVersion | None:
    """Of one regulation's versions, newest day first, the one that counts."""
    begun = [one for one in versions if one.state == State.APPROVED and one.effective_on <= day]
    return max(begun, key=lambda one: (one.effective_on, one.number), default=None)


# --- Marks in a text


def marked(text: str, words: list[str]) -> SafeString:
    """The text with every one of the words marked; everything else is escaped."""
    found = [re.escape(word) for word in words if word]
    if not found:
        return escape(text)
    parts = re.split(f"({'|'.join(found)})", text, flags=re.IGNORECASE)
    # Every second part is a hit; each is escaped before it is put between tags of our own.
    return mark_safe(
        "".join(f"<mark>{escape(p)}</mark>" if n % 2 else escape(p) for n, p in enumerate(parts))
    )


def snippet(text: str, words: list[str]) -> SafeString:
    """A line around the first hit."""
    flat = " ".join(text.split())
    at = min((flat.lower().find(word.lower()) for word in words if word), default=-1)
    start = max(0, at - AROUND)
    cut = flat[start : start + 3 * AROUND]
    before, after = "…" if start else "", "…" if start + 3 * AROUND < len(flat) else ""
    return marked(f"{before}{cut}{after}", words)


class Shown(NamedTuple):
    """One piece of a text as it is drawn. `paragraphs`: (id, text) of its 款 and items."""

    clause: Clause
    is_heading: bool
    paragraphs: list[tuple[str, SafeString]]
    codes: list[str]


def text_of(version, words: list[str], codes: dict[tuple[int, int], list[str]]) -> list[Shown]:
    made = []
    for clause in version.clauses.defer("grams"):
        lines = []
        for number, paragraph in enumerate(clauses.paragraphs(clause.text), 1):
            for place, line in enumerate(paragraph):
                anchor = "" if place else f"{clause.anchor_id}-k{number}"
                lines.append((anchor, marked(line, words)))
        is_clause = clause.kind == Clause.Kind.CLAUSE
        of_it = codes.get((clause.number, clause.sub), []) if is_clause else []
        made.append(Shown(clause, clause.kind == Clause.Kind.HEADING, lines, of_it))
    return made


# --- Two versions side by side


class Pair(NamedTuple):
    """One clause in both versions; `kind` is same, changed, added or removed."""

    label: str
    kind: str
    word: str
    before: SafeString
    after: SafeString


def compared(old: RegulationVersion, new: RegulationVersion) -> list[Pair]:
    """Clauses matched by their number, in the order of the newer version; one that is gone stands
    where it stood. Headings and what stands before the first clause are matched by place."""
    before, after = _keyed(old), _keyed(new)
    order = list(after)
    for place, key in enumerate(before):
        if key not in after:
            neighbours = list(before)[:place]
            at = max((order.index(one) for one in neighbours if one in order), default=-1)
            order.insert(at + 1, key)
    return [_pair(before.get(key), after.get(key)) for key in order]


def _keyed(version) -> dict[tuple, Clause]:
    found: dict[tuple, Clause] = {}
    for one in version.clauses.defer("grams"):
        if one.kind == Clause.Kind.CLAUSE:
            key = (one.kind, one.number, one.sub)
        else:
            same = sum(1 for kind, *_rest in found if kind == one.kind)
            key = (one.kind, same, 0)
        found[key] = one
    return found


def _pair(old: Clause | None, new: Clause | None) -> Pair:
    label = (new or old).label
    if old is None:
        return Pair(label, "added", _("新增"), SafeString(), escape(new.text))
    if new is None:
        return Pair(label, "removed", _("删去"), escape(old.text), SafeString())
    if old.text == new.text:
        return Pair(label, "same", "", escape(old.text), escape(new.text))
    return Pair(label, "changed", _("有改动"), *_changes(old.text, new.text))


def _changes(old: str, new: str) -> tuple[SafeString, SafeString]:
    """What was taken out is in <del> on the left, what came in is in <ins> on the right."""
    left, right = [], []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            left.append(escape(old[a:b]))
            right.append(escape(new[c:d]))
            continue
        for side, tag, cut in ((left, "del", old[a:b]), (right, "ins", new[c:d])):
            if cut:
                side.append(f"<{tag}>{escape(cut)}</{tag}>")
    return mark_safe("".join(left)), mark_safe("".join(right))
