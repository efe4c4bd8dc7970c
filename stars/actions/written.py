"""What an absent member sent in writing: read out and recorded, never counted."""

from django.db import transaction
from django.utils.translation import gettext as _

from scheme import access, audit, clock
from scheme.errors import Refused
from scheme.models import Staff
from stars.ballots import Sitting
from stars.models import Meeting, Nomination, WrittenOpinion

from . import leading

LONGEST = 500


@transaction.atomic
def record(
    meeting_pk: int, *, by, staff: Staff | int, nomination: Nomination | int | None, text: str
) -> WrittenOpinion:
    """Entered by the office, or by the member; on one item or, without one, on the whole list."""
    round_, meeting = leading.locked_meeting(meeting_pk)
    leading.check_stage(round_, by)
    member, item = getattr(staff, "pk", staff), getattr(nomination, "pk", nomination)
    access.require(by, "vote.cast" if by.pk == member else "sitting.manage", round_.anchor())
    if meeting.state == Meeting.State.CLOSED:
        raise Refused(_("这次会议已经散会。"), conflict=True)
    sitting = Sitting(round_)
    seat = sitting.seat_of(member)
    if seat is None:
        raise Refused(_("书面意见限部务会成员提交。"), field="staff")
    if seat.present:
        raise Refused(_("到会的成员请当场发表意见。"), field="staff")
    one = None
    if item is not None:
        one = sitting.item(item)
        if one is None:
            raise Refused(_("会上没有这一项，请刷新后再办。"), field="nomination")
        if sitting.why_recused(one, member):
            raise Refused(_("这一项本人须回避，不收书面意见。"), field="nomination")
        if sitting.is_decided(one):
            raise Refused(_("这一项已经表决。"), field="nomination")
    text = text.strip()
    if not text:
        raise Refused(_("请写书面意见。"), field="text")
    if len(text) > LONGEST:
        raise Refused(_("书面意见请写在500字以内。"), field="text")
    opinion = WrittenOpinion.objects.create(
        meeting=meeting, staff=seat.staff, nomination=one, text=text, by=by, at=clock.now()
    )
    # The words stay where those read them who sit there.
    audit.record(by, "sitting.written", meeting, after={"staff": member, "nomination": item})
    return opinion
