"""What every page of Django's admin shares: own unit only, every act in the trail, no way around.

Rights come from admin_rights.ADMIN_TABLES through `Staff.has_perm`; this adds whose rows one meets.
"""

import json

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404
from django.utils.translation import gettext as _
from simple_history.admin import SimpleHistoryAdmin

from scheme import audit

# Paths from a row to its unit, for models without `visible_to`, in the order of trying.
_PATHS = ("unit", "staff__unit", "round__unit", "nomination__round__unit", "book__unit")


def _field_names(model) -> set[str]:
    return {field.name for field in model._meta.get_fields()}


def scoped(model, person, unit_path: str | None = ""):
    """The rows of a model that the person may meet in the admin.

    `unit_path`: "" finds the way itself, None says the rows belong to all units alike.
    """
    rows = model._default_manager.all()
    if hasattr(rows, "visible_to"):
        return rows.visible_to(person)
    if unit_path is None or person.administrator:
        return rows
    if not unit_path:
        names = _field_names(model)
        unit_path = next((path for path in _PATHS if path.partition("__")[0] in names), None)
    return rows.filter(**{unit_path: person.unit_id}) if unit_path else rows


def json_ready(value):
    """A field's value as the trail keeps it."""
    if hasattr(value, "pk"):
        value = value.pk
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


class OwnForm(forms.ModelForm):
    """Knows who fills it in; new rows belong to that person's unit, and so do their parts."""

    person = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        row = self.instance
        if row._state.adding and hasattr(row, "unit_id") and not row.unit_id and self.person:
            row.unit_id = self.person.unit_id

    def _get_validation_exclusions(self):
        # Set here and not by the reader, but part of "this name is taken" all the same.
        return super()._get_validation_exclusions() - {"unit", "administrator"}

    def clean(self):
        data = super().clean()
        owner = data.get("staff") or getattr(self.instance, "staff", None)
        for name in ("section", "branch"):
            place = data.get(name)
            if owner and place and place.unit_id != owner.unit_id:
                self.add_error(name, _("不是这个人所在单位的。"))
        return data


class Scoped:
    """Own unit only, for a page and for the rows within it."""

    unit_path: str | None = ""
    form = OwnForm

    def get_queryset(self, request):
        rows = scoped(self.model, request.user, self.unit_path)
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        kwargs.setdefault("queryset", scoped(db_field.remote_field.model, request.user))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def _with_person(form, person):
    return type(form)(form.__name__, (form,), {"person": person})


class OwnInline(Scoped, admin.TabularInline):
    extra = 0
    show_change_link = False

    def get_formset(self, request, obj=None, **kwargs):
        kwargs["form"] = _with_person(kwargs.get("form", self.form), request.user)
        return super().get_formset(request, obj, **kwargs)


class OwnAdmin(Scoped, SimpleHistoryAdmin):
    """A catalogue that is edited here. Each save is one line in the trail, and history is kept."""

    list_per_page = 50
    show_full_result_count = False
    object_history_list_template = "admin/history_list.html"

    def get_form(self, request, obj=None, change=False, **kwargs):
        kwargs["form"] = _with_person(kwargs.get("form", self.form), request.user)
        return super().get_form(request, obj, change, **kwargs)

    # --- The trail

    def _record(self, request, verb: str, row, *, form=None):
        names = form.changed_data if form else []
        before = {name: json_ready(form.initial.get(name)) for name in names}
        after = {name: json_ready(form.cleaned_data.get(name)) for name in names}
        if verb == "create":
            before = {}
        act = f"{row._meta.model_name}.{verb}"
        unit = getattr(getattr(row, "staff", None), "unit", None)
        audit.record(request.user, act, row, before=before, after=after, unit=unit)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if form.changed_data or not change:
            self._record(request, "change" if change else "create", obj, form=form)

    def save_formset(self, request, form, formset, change):
        super().save_formset(request, form, formset, change)
        by_row = {one.instance.pk: one for one in formset.forms}
        for row in formset.new_objects:
            self._record(request, "create", row, form=by_row.get(row.pk))
        for row, _fields in formset.changed_objects:
            self._record(request, "change", row, form=by_row.get(row.pk))
        for row in formset.deleted_objects:
            self._record(request, "delete", row)

    def delete_model(self, request, obj):
        self._record(request, "delete", obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request, queryset):
        for row in queryset:
            self.delete_model(request, row)

    # Django's own log would say the same a second time, without what changed.
    def log_addition(self, request, obj, message):
        return None

    def log_change(self, request, obj, message):
        return None

    def log_deletions(self, request, queryset):
        return None

    # --- History: to be read, for rows in sight; going back is an act of its own

    def _in_sight(self, request, object_id):
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return row

    def history_view(self, request, object_id, extra_context=None):
        self._in_sight(request, object_id)
        return super().history_view(request, object_id, extra_context)

    def history_form_view(self, request, object_id, version_id, extra_context=None):
        self._in_sight(request, object_id)
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        return super().history_form_view(request, object_id, version_id, extra_context)

    def revert_disabled(self, request, obj=None):
        return True


class WindowAdmin(Scoped, admin.ModelAdmin):
    """Looked at here, never touched: flows and trails have their own places."""

    list_per_page = 50
    show_full_result_count = False
    actions = None

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
