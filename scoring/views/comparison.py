"""季评比: drafted here, where the points are; from then on a circular like the others."""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from ledgers import circular_pages as pages
from ledgers.actions import circulars as acts
from ledgers.circular_forms import seen
from ledgers.models import Circular
from scheme import clock, periods
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once
from scoring import comparing
from scoring.declared import quarter_before, quarter_name

# Quarters back from the present one that may be compared.
BACK = 5


class QuarterForm(forms.Form):
    quarter = forms.ChoiceField(label=gettext_lazy("季度"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        codes = [periods.quarter_of(clock.today())]
        while len(codes) <= BACK:
            codes.append(quarter_before(codes[-1]))
        self.fields["quarter"].choices = [(code, quarter_name(code)) for code in codes]
        self.fields["quarter"].initial = codes[1]


@gate("circular.write")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def circular_quarterly(request):
    form, status = QuarterForm(), 200
    if request.method == "POST":
        form, status = QuarterForm(request.POST), 422
        if form.is_valid():
            content = comparing.drawn(request.user.unit, form.cleaned_data["quarter"])
            try:
                made = acts.draft(request.user.unit, content, by=request.user)
            except Refused as refused:
                form.add_error(refused.field, str(refused))
            else:
                messages.success(request, _("已从台账起草，核对后送签。"))
                return redirect("ledgers:circular_edit", made.pk)
    return render(request, "scoring/circular_quarterly.html", {"form": form}, status=status)


@gate("circular.write")
@require_POST
@once
def circular_quarterly_redraw(request, pk):
    rows = Circular.objects.visible_to(request.user).select_related("unit")
    circular = get_object_or_404(rows, pk=pk, kind=Circular.Kind.QUARTERLY)
    content = comparing.drawn(circular.unit, circular.period)
    acts.redraw(pk, content, version=seen(request), by=request.user)
    messages.success(request, pages.REDRAWN)
    return redirect("ledgers:circular_edit", pk)
