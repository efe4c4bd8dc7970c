"""A list page of a ledger: filters in the address, so that they survive reload and travel with a
link; pages that keep them."""

from typing import NamedTuple

from django import forms
from django.core.paginator import Page, Paginator
from django.db import models

PER_PAGE = 30


class FilterForm(forms.Form):
    """Fields of a filter, none required. A value that is none filters nothing."""

    def __init__(self, request, **kwargs):
        super().__init__(request.GET or None, label_suffix="", **kwargs)
        for field in self.fields.values():
            field.required = False

    def value(self, name: str):
        """What was chosen and can be used; empty for what was not, or is no value."""
        if not self.is_bound:
            return self.fields[name].initial or ""
        self.is_valid()
        return self.cleaned_data.get(name) or ""

    @property
    def chosen(self) -> bool:
        """Is anything filtered at all? An empty list then says so."""
        return any(self.value(name) for name in self.fields)


class SearchField(forms.CharField):
    """Words to look for, short and without what a database cannot hold."""

    def __init__(self, **kwargs):
        super().__init__(max_length=60, strip=True, **kwargs)
        self.widget = forms.TextInput(attrs={"type": "search"})

    def to_python(self, value):
        return super().to_python(str(value or "").replace("\x00", ""))


class Listing(NamedTuple):
    form: FilterForm
    page_obj: Page
    total: int


def listing(request, rows: models.QuerySet, form: FilterForm, *, per_page: int = PER_PAGE):
    """One page of rows that the form has filtered already: a count and a page, two queries."""
    page = Paginator(rows, per_page).get_page(request.GET.get("page"))
    return Listing(form, page, page.paginator.count)
