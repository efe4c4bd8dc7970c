"""Printing certificates. Every printing is a row with the hash of the very file."""

import hashlib

from django.db import transaction
from django.utils.translation import gettext as _

from scheme import access, audit, clock
from scheme.access import Anchor
from scheme.errors import Refused
from stars import certificates
from stars.exports import certificates as paper
from stars.models import Award, CertificatePrint, Revocation, Round


@transaction.atomic
def print_one(award_pk: int, *, by, copy: bool = False) -> bytes:
    """`copy`: for the file of a star that was taken back, marked as such. A certificate itself is
    not printed of one, nor while it is in question."""
    round_pk = Award.objects.values_list("round_id", flat=True).get(pk=award_pk)
    round_ = Round.objects.select_for_update().get(pk=round_pk)
    access.require(by, "award.print", Anchor(round_.unit_id))
    award = _awards(round_).get(pk=award_pk)
    states = set(award.revocations.values_list("state", flat=True))
    revoked = Revocation.State.APPROVED in states
    if copy and not revoked:
        raise Refused(_("只有已撤销的才印存档副本。"))
    if revoked and not copy:
        raise Refused(_("这颗星已经撤销，不能再印证书。"))
    if Revocation.State.PROPOSED in states:
        raise Refused(_("撤销正等批准，批准或者不批准以后再印。"))
    return _print(round_, [award], by, revoked=revoked)


@transaction.atomic
def print_all(round_pk: int, *, by) -> bytes:
    """The certificates of all stars of a round that stand and are not in question, in one file."""
    round_ = Round.objects.select_for_update().get(pk=round_pk)
    access.require(by, "award.print", Anchor(round_.unit_id))
    awards = list(_awards(round_).exclude(revocations__state__in=["proposed", "approved"]))
    if not awards:
        raise Refused(_("这一轮没有可以印的证书。"))
    return _print(round_, awards, by)


def _awards(round_: Round):
    return (
        Award.objects.filter(round=round_)
        .select_related("star", "person", "section", "unit", "nomination")
        .order_by("number")
    )


def _print(round_: Round, awards: list[Award], by, *, revoked: bool = False) -> bytes:
    first = round_.publications.order_by("edition").first()
    content = paper.write([certificates.of(one, first, revoked=revoked) for one in awards])
    sha256, at = hashlib.sha256(content).hexdigest(), clock.now()
    CertificatePrint.objects.bulk_create(
        CertificatePrint(award=one, sha256=sha256, by=by, at=at) for one in awards
    )
    audit.record(
        by,
        "award.print",
        round_,
        after={"awards": [one.number for one in awards], "sha256": sha256},
    )
    return content
