"""两周一讲: the list and the rota, a plan by proposal, one talk, rating it."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ledgers import records, rota, talking
from ledgers import study_forms as forms
from ledgers.actions import ratings
from ledgers.actions import talks as acts
from ledgers.listing import listing
from ledgers.models import Talk
from ledgers.task_forms import people_by_section
from scheme import clock, workdays
from scheme.access import can, gate
from scheme.errors import Refused
from scheme.idempotency import once, without
from scheme.models import Staff
from scheme.templatetags.look import listed, ymd

State = Talk.State
KINDS = {
    State.PLANNED: ("done", "calendar-days"),
    State.OPEN: ("warn", "pencil"),
    State.HELD: ("ok", "check"),
    State.VOID: ("done", "x-mark"),
}
FORTNIGHT = timedelta(days=14)
PROPOSED = 6
RATING_DAYS, RATING_HOUR = 2, 18


def _talk(request, pk) -> Talk:
    rows = Talk.objects.visible_to(request.user).select_related("unit", "speaker", "recorded_by")
    return get_object_or_404(rows, pk=pk)


def _tabs(current: str) -> list[dict]:
    places = [("talk_list", _("讲课安排")), ("talk_rota", _("轮讲顺序"))]
    return [
        {"label": label, "url": reverse(f"ledgers:{name}"), "current": name == current}
        for name, label in places
    ]


@gate("talk.read")
@require_safe
def talk_list(request):
    person, today = request.user, clock.today()
    form = forms.LedgerFilter(request, Talk)
    rows = form.narrowed(Talk.objects.visible_to(person).select_related("speaker"))
    if words := form.value("q"):
        rows = rows.filter(Q(title__icontains=words) | Q(speaker__name__icontains=words))
    rows = rows.annotate(envelopes_n=Count("envelopes"))
    page = listing(request, rows.order_by("-day", "-pk"), form)
    context = {
        "form": form,
        "page_obj": page.page_obj,
        "total": page.total,
        "rows": [
            {
                "talk": talk,
                "kind": KINDS[talk.state],
                "due": talk.state == State.PLANNED and talk.day <= today,
                "rated": talking.rated(talk, talk.envelopes_n),
            }
            for talk in page.page_obj
        ],
        "tabs": _tabs("talk_list"),
        "may_keep": can(person, "talk.keep"),
    }
    return render(request, "ledgers/talk_list.html", context)


@gate("talk.read")
@require_safe
def talk_rota(request):
    """Everybody sees when their turn comes, and why."""
    context = {
        "queue": rota.queue(request.user.unit, clock.today()),
        "tabs": _tabs("talk_rota"),
        "may_keep": can(request.user, "talk.keep"),
    }
    return render(request, "ledgers/talk_rota.html", context)


@gate("talk.keep")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def talk_plan(request):
    """The rota proposes, with its reasons; the keeper changes what must be and takes it over."""
    unit, problem = request.user.unit, ""
    choices = people_by_section(unit)
    if request.method == "POST":
        turns = forms.Turns(request.POST, form_kwargs={"people": choices})
        if not turns.is_valid():
            raise Refused(_("这一页已过期，请刷新后再提交。"))
        chosen = [
            (line["day"], line["speaker"]) for line in turns.cleaned_data if line.get("speaker")
        ]
        people = Staff.objects.in_bulk({key for _day, key in chosen})
        try:
            made = acts.plan(unit, [(day, people[key]) for day, key in chosen], by=request.user)
        except Refused as refused:
            problem = str(refused)
        else:
            n = len(made)
            text = ngettext(
                "已安排%(n)s讲，主讲人已收到提醒。", "已安排%(n)s讲，主讲人已收到提醒。", n
            )
            messages.success(request, text % {"n": n})
            return redirect("ledgers:talk_list")
    which, days = _asked(request)
    proposed, read = rota.propose(unit, days, clock.today())
    if request.method != "POST":
        initial = [{"day": turn.day, "speaker": turn.key} for turn in proposed]
        turns = forms.Turns(initial=initial, form_kwargs={"people": choices})
    by_day = {turn.day.isoformat(): turn for turn in proposed}
    context = {
        "which": which,
        "turns": turns,
        "lines": [
            {"form": form, "turn": _told(by_day.get(str(form["day"].value())), read)}
            for form in turns
        ],
        "problem": problem,
    }
    return render(request, "ledgers/talk_plan.html", context, status=422 if problem else 200)


def _asked(request):
    """The days to propose for: each second week from the first, moved to a day that is worked."""
    first = _after_the_last(request.user.unit)
    which = forms.WhichForm(request.GET if "first" in request.GET else None)
    count = PROPOSED
    if which.is_bound and which.is_valid():
        first, count = which.cleaned_data["first"], which.cleaned_data["count"]
    elif not which.is_bound:
        which = forms.WhichForm(initial={"first": first, "count": count})
    days = [first + FORTNIGHT * n for n in range(count)]
    worked = workdays.between(days[0], days[-1] + FORTNIGHT)
    moved = [next((one for one in worked if one >= day), day) for day in days]
    # A long holiday may move two talks onto one day.
    return which, sorted(set(moved))


def _after_the_last(unit):
    rows = Talk.objects.filter(unit=unit).exclude(state=State.VOID).order_by("-day")
    last = rows.values_list("day", flat=True).first()
    tomorrow = clock.today() + timedelta(days=1)
    return max(last + FORTNIGHT, tomorrow) if last else tomorrow


def _told(turn, read) -> dict | None:
    """Why this one, in words."""
    if turn is None:
        return None
    person = read.people[turn.key]

    def names(keys):
        some = listed(read.people[key].name for key in keys[:4])
        return _("%(names)s等%(n)s人") % {"names": some, "n": len(keys)} if keys[4:] else some

    why = (
        _("上次讲课：%(day)s") % {"day": ymd(turn.last)}
        if turn.last
        else _("还没有讲过，%(day)s到岗") % {"day": ymd(person.joined_on)}
    )
    return {
        "key": turn.key,
        "name": person.name,
        "section": person.section_name,
        "why": why,
        "passed": names(turn.passed),
        "absent": names(turn.absent),
    }


@gate("talk.read")
@require_safe
def talk_detail(request, pk):
    talk, person, now = _talk(request, pk), request.user, clock.now()
    rated = talk.envelopes.count()
    mine = talk.envelopes.filter(person=person).exists()
    may_keep = can(person, "talk.keep", talk.anchor())
    open_now = talk.state == State.OPEN and now < talk.rating_ends_at
    given = talk.day <= clock.today()
    context = {
        "talk": talk,
        "kind": KINDS[talk.state],
        "rated": talking.rated(talk, rated),
        "fewest": talking.FEWEST,
        "mine": mine,
        "may_rate": open_now and not mine and talk.speaker_id != person.pk,
        "may_give": talk.state == State.PLANNED and talk.speaker_id == person.pk,
        "may_keep": may_keep,
        "given": given,
        "over": talk.state == State.OPEN and not open_now,
        # Entered without a rating, one may still be asked for.
        "unrated": talk.state == State.HELD and not talk.ratings and not rated,
        "ledger": "talk",
        "row": talk,
        "papers": records.papers(talk),
        "may_attach": records.may_attach(person, talk),
        # Reasons of swaps are about persons.
        "tells": may_keep or talk.speaker_id == person.pk,
        "history": records.history(talk),
    }
    if may_keep and talk.state == State.PLANNED:
        context["others"] = _others(talk)
    if may_keep and given and talk.title and (talk.state == State.PLANNED or context["unrated"]):
        day = workdays.following(clock.today(), RATING_DAYS)
        initial = {"until_day": day, "until_time": f"{RATING_HOUR}:00"}
        context["open_form"] = forms.OpenForm(initial=initial)
    return render(request, "ledgers/talk_detail.html", context)


def _others(talk) -> list[Talk]:
    rows = Talk.objects.filter(unit=talk.unit_id, state=State.PLANNED).exclude(pk=talk.pk)
    rows = rows.exclude(speaker=talk.speaker_id).select_related("speaker")
    return list(rows.order_by("day", "pk")[: acts.MOST])


@gate("talk.read")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def talk_edit(request, pk):
    """The keeper puts everything right; the speaker says what they will speak about."""
    talk, person = _talk(request, pk), request.user
    if can(person, "talk.keep", talk.anchor()):
        form, act = _edit_form(request, talk), acts.change
    elif talk.speaker_id == person.pk:
        initial = {"title": talk.title, "summary": talk.summary, "seen": talk.version}
        form, act = forms.GiveForm(request.POST or None, initial=initial), acts.give
    else:
        raise PermissionDenied(_("您的职责不包括这一步。"))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                act(pk, **form.content(), by=person)
            except Refused as refused:
                if refused.conflict:
                    raise
                field = {"speaker": "speaker_id"}.get(refused.field, refused.field)
                form.add_error(field if field in form.fields else None, str(refused))
            else:
                messages.success(request, _("已改好。"))
                return redirect("ledgers:talk_detail", pk)
    return render(request, "ledgers/talk_form.html", {"form": form, "talk": talk}, status=status)


def _edit_form(request, talk):
    initial = {name: getattr(talk, name) for name in ("day", "speaker_id", "title", "summary")}
    initial["seen"] = talk.version
    data = request.POST if request.method == "POST" else None
    return forms.TalkForm(data, talk=talk, initial=initial)


@gate("talk.rate")
@require_http_methods(["GET", "HEAD", "POST"])
@once
@without("quick", "value")
def talk_rate(request, pk):
    """Two taps on a phone. What comes back is the same whatever was given."""
    talk, person = _talk(request, pk), request.user
    if talk.speaker_id == person.pk:
        raise PermissionDenied(_("主讲人不给自己评分。"))
    form = forms.RateForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                ratings.rate(pk, form.rating(), by=person)
            except Refused as refused:
                if refused.conflict:
                    raise
                form.add_error("value", str(refused))
            else:
                messages.success(request, _("评分已封存，谢谢。截止后统一拆开，不记名。"))
                return redirect("ledgers:talk_detail", pk)
    context = {
        "talk": talk,
        "form": form,
        "quick": forms.QUICK,
        "mine": talk.envelopes.filter(person=person).exists(),
        "open_now": talk.state == State.OPEN and clock.now() < talk.rating_ends_at,
        "fewest": talking.FEWEST,
    }
    return render(request, "ledgers/talk_rate.html", context, status=status)


@gate("talk.keep")
@require_POST
@once
def talk_act(request, pk):
    """What the keeper does to a talk in one press."""
    move, person = request.POST.get("move"), request.user
    kind = {"open": forms.OpenForm, "swap": forms.SwapForm}.get(move, forms.SeenForm)
    form = kind(request.POST)
    if not form.is_valid():
        raise Refused(next(iter(form.errors.values()))[0])
    given = form.cleaned_data
    plain = {"version": given["seen"], "by": person}
    reasoned = plain | {"reason": given["reason"]}
    try:
        match move:
            case "hold":
                acts.hold(pk, **plain)
                done = _("已登记，不评分。")
            case "open":
                ratings.open_rating(pk, until=form.until(), **plain)
                done = _("评分已开始，听讲人已收到提醒。")
            case "shut":
                ratings.shut(pk, **plain)
                done = _("评分已拆开。")
            case "void":
                acts.void(pk, **reasoned)
                done = _("已作废，不再计入。")
            case "restore":
                acts.restore(pk, **reasoned)
                done = _("已恢复。")
            case "swap":
                other, version = given["other"]
                acts.swap(pk, other, other_version=version, **reasoned)
                done = _("已对调，两位主讲人已收到提醒。")
            case _other:
                raise Refused(_("这一页已过期，请刷新后再提交。"))
    except ObjectDoesNotExist:
        raise Http404 from None
    messages.success(request, done)
    return redirect("ledgers:talk_detail", pk)
