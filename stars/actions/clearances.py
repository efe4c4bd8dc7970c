"""The opinions of the personnel office and the discipline committee, entered by the office."""

from django.db import transaction
from django.utils.translation import gettext as _

from scheme import access, audit, clock
from scheme.errors import Refused
from scheme.models import Staff
from stars.clearances import SAID_IN
from stars.models import Clearance, Nomination, Round

LONGEST_TEXT, LONGEST_DOCUMENT = 300, 60


@transaction.atomic
def record(
    nomination_pk: int, *, by: Staff, body: str, word: str, text: str = "", document: str = ""
) -> Clearance:
    """A later word of the same body stands beside the earlier one and counts instead of it.

    Even "against" closes nothing: the committee reads it and decides.
    """
    round_pk = Nomination.objects.values_list("round_id", flat=True).get(pk=nomination_pk)
    Round.objects.select_for_update().get(pk=round_pk)
    nomination = (
        Nomination.objects.select_for_update(of=("self",))
        .select_related("person", "section")
        .get(pk=nomination_pk)
    )
    anchor = nomination.anchor()._replace(state=Nomination.State.SUBMITTED)
    access.require(by, "clearance.record", anchor)
    if nomination.person_id == by.pk:
        raise Refused(_("提名的是您本人，请科里另一位登记。"))
    if nomination.state not in SAID_IN:
        text_ = _("这份提名现在是“%(state)s”，不再登记审核意见。")
        raise Refused(text_ % {"state": nomination.get_state_display()}, conflict=True)
    if body not in Clearance.Body.values:
        raise Refused(_("请选是哪家出具的。"), field="body")
    if word not in Clearance.Word.values:
        raise Refused(_("请选意见。"), field="word")
    text, document = text.strip(), document.strip()
    if len(text) > LONGEST_TEXT:
        raise Refused(_("说明请写在%(most)s字以内。") % {"most": LONGEST_TEXT}, field="text")
    if len(document) > LONGEST_DOCUMENT:
        most = {"most": LONGEST_DOCUMENT}
        raise Refused(_("文号请写在%(most)s字以内。") % most, field="document")
    if word != Clearance.Word.CLEAR and not text:
        raise Refused(_("有不同意见的，请写明理由。"), field="text")
    if body == Clearance.Body.DISCIPLINE and not document:
        raise Refused(_("机关纪委的意见以来文为准，请写文号。"), field="document")
    row = Clearance.objects.create(
        nomination=nomination,
        body=body,
        word=word,
        text=text,
        document=document,
        by=by,
        at=clock.now(),
    )
    # Which body spoke, never what it said: the reader of the trail is not among its readers.
    audit.record(by, "clearance.record", nomination, after={"body": body, "row": row.pk})
    return row
