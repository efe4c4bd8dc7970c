"""The digest's part of a page that belongs to a lower app: the address on one's own settings."""

from django import template
from django.conf import settings

from desk import outward
from desk.forms import AddressForm
from desk.models import DigestAddress

register = template.Library()


@register.inclusion_tag("desk/_digest_address.html", takes_context=True)
def digest_address(context):
    """Nothing for administrators: they have no desk."""
    person = context["request"].user
    if not person.unit_id:
        return {}
    address = DigestAddress.objects.filter(person=person).first()
    return {
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
        "form": AddressForm(initial={"email": address.email if address else ""}),
        "has_mail": outward.has_mail(),
        "domains": settings.DIGEST_MAIL_DOMAINS,
    }
