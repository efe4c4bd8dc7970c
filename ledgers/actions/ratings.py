"""Rating a talk without a name: each rating is sealed in an envelope of its own, and all are
opened together.

While ratings come in, nobody, the keeper and the database's own administrator included, reads one.
Closing stores them sorted in a single row (too few of them not at all) and destroys key and
envelopes' content in the same transaction: neither a column nor an order, a time, a length or a
transaction number is left that would tell who gave which.
"""

from datetime import datetime
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from ledgers.models import RatingEnvelope, Talk
from ledgers.talking import FEWEST
from ledgers.talkmoves import locked, moved, ready
from scheme import audit, clock, notices, sealing
from scheme.access import require
from scheme.errors import Refused
from scheme.models import Staff
from scheme.templatetags.look import md_hm

State = Talk.State
LOWEST, HIGHEST, STEP = Decimal(0), Decimal(100), Decimal("0.5")


@transaction.atomic
def open_rating(pk: int, *, until: datetime, version: int, by: Staff) -> Talk:
    """The talk has been given: listeners may rate it until then. All are asked once."""
    talk = locked(pk, version, by)
    require(by, "talk.keep", talk.anchor())
    unrated = talk.state == State.HELD and not talk.ratings and not talk.envelopes.exists()
    ready(talk, again=unrated)
    if until <= clock.now():
        raise Refused(_("截止时间已经过了，请往后定。"), field="until")
    before = {"state": talk.state}
    talk.state, talk.rating_ends_at, talk.locked_key = State.OPEN, until, sealing.new_box()
    after = {"state": talk.state, "until": until.isoformat()}
    moved(talk, "open", by, before=before, after=after)
    listeners = Staff.objects.of_unit(talk.unit).on_roll(clock.today()).filter(is_active=True)
    speaker, title = talk.speaker.name, talk.title
    notices.tell_all(
        listeners.exclude(pk=talk.speaker_id),
        f"talk:{talk.pk}:{talk.version}",
        lambda: (
            _("请给%(name)s的讲课“%(title)s”评分，%(until)s截止，无记名。")
            % {"name": speaker, "title": title, "until": md_hm(until)}
        ),
        url=reverse("ledgers:talk_rate", args=[talk.pk]),
        icon="microphone",
    )
    return talk


@transaction.atomic
def rate(pk: int, value: Decimal, *, by: Staff) -> None:
    """One rating a listener, final. The trail says that somebody rated, never what."""
    seen = Talk.objects.visible_to(by).filter(pk=pk).values("pk")
    talk = Talk.objects.select_for_update(of=("self",)).get(pk__in=seen)
    require(by, "talk.rate", talk.anchor()._replace(state=State.OPEN))
    if talk.speaker_id == by.pk:
        raise PermissionDenied(_("主讲人不给自己评分。"))
    if talk.state != State.OPEN or talk.rating_ends_at <= clock.now():
        raise Refused(_("这一讲不在评分时间内。"), conflict=True)
    if not LOWEST <= value <= HIGHEST or value % STEP:
        raise Refused(_("评分在0到100之间，可以带半分。"), field="value")
    if talk.envelopes.filter(person=by).exists():
        raise Refused(_("您已经评过，评分只有一次。"), conflict=True)
    sealed = sealing.seal(talk.locked_key, f"{value.normalize():f}")
    RatingEnvelope.objects.create(talk=talk, person=by, sealed=sealed)
    audit.record(by, "talk.rate", talk, after={"rated": True})


@transaction.atomic
def shut(pk: int, *, version: int, by: Staff | None) -> Talk:
    """Opens all envelopes, never before the time is up. `by` is None when the clock does it."""
    if by is None:
        rows = Talk.objects.select_for_update(of=("self",)).select_related("unit", "speaker")
        talk = rows.get(pk=pk)
        if talk.version != version:
            raise Refused(_("这一讲刚才有人改过，刷新后再办。"), conflict=True)
    else:
        talk = locked(pk, version, by)
        require(by, "talk.keep", talk.anchor())
    if talk.state != State.OPEN:
        raise Refused(_("这一讲不在评分中。"), conflict=True)
    if clock.now() < talk.rating_ends_at:
        text = _("评分到%(until)s截止，到时才能结束：提前拆开会让后评的人看到结果。")
        raise Refused(text % {"until": md_hm(talk.rating_ends_at)})
    envelopes = RatingEnvelope.objects.filter(talk=talk)
    sealed = list(envelopes.order_by("pk").values_list("sealed", flat=True))
    try:
        values = sorted(Decimal(text) for text in sealing.unseal(talk.locked_key, sealed))
    except sealing.Unreadable:
        text = _("评分打不开：封存用的密钥换过了。请系统管理员按运维说明放回原密钥，或作废重评。")
        raise Refused(text) from None
    talk.ratings = values if len(values) >= FEWEST else []
    talk.state, talk.locked_key = State.HELD, None
    envelopes.update(sealed=None)
    after = {"state": talk.state, "rated": len(values)}
    return moved(talk, "shut", by, before={"state": State.OPEN}, after=after)
