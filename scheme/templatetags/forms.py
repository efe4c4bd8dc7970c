from django import template
from django.utils.html import format_html

from scheme.idempotency import FIELD, new_key

register = template.Library()


@register.simple_tag
def idem_field():
    """The hidden key of this rendering of the form; goes into every form that has an effect."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, new_key())
