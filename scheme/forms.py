from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from scheme.models import Staff


class SignInForm(forms.Form):
    staff_no = forms.CharField(label=_("工号"), max_length=60, strip=True)
    password = forms.CharField(
        label=_("密码"), max_length=200, strip=False, widget=forms.PasswordInput
    )

    def __init__(self, request, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.request, self._user = request, None
        self.fields["staff_no"].widget.attrs |= {
            "autocomplete": "username",
            "autocapitalize": "characters",
            "autofocus": True,
        }
        self.fields["password"].widget.attrs |= {"autocomplete": "current-password"}

    def clean_staff_no(self):
        """The login as it is stored, however it was typed."""
        typed = self.cleaned_data["staff_no"]
        found = Staff.objects.filter(login__iexact=typed).values_list("login", flat=True)
        return found[0] if len(found) == 1 else typed

    def clean(self):
        data = super().clean()
        if data.get("staff_no") and data.get("password"):
            self._user = authenticate(
                self.request, username=data["staff_no"], password=data["password"]
            )
            if self._user is None:
                raise forms.ValidationError(_("工号或密码不对。连续输错五次将锁定十五分钟。"))
        return data

    def get_user(self):
        return self._user


class PasswordForm(forms.Form):
    old = forms.CharField(
        label=_("现密码"), max_length=200, strip=False, widget=forms.PasswordInput
    )
    new = forms.CharField(
        label=_("新密码"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput,
        help_text=_("至少十二个字符，不要用姓名或常见密码。"),
    )
    again = forms.CharField(
        label=_("再输一次"), max_length=200, strip=False, widget=forms.PasswordInput
    )

    def __init__(self, person, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["old"].widget.attrs["autocomplete"] = "current-password"
        for name in ("new", "again"):
            self.fields[name].widget.attrs["autocomplete"] = "new-password"

    def clean_old(self):
        if not self.person.check_password(self.cleaned_data["old"]):
            raise forms.ValidationError(_("现密码不对。"))
        return self.cleaned_data["old"]

    def clean_new(self):
        new = self.cleaned_data["new"]
        validate_password(new, self.person)
        # Django measures likeness, and a long password around a short name is not like it.
        for known in (self.person.name, self.person.staff_no):
            if len(known) > 1 and known.lower() in new.lower():
                raise forms.ValidationError(_("密码里不要带姓名或工号。"))
        return new

    def clean(self):
        data = super().clean()
        if data.get("new") and data.get("again") and data["new"] != data["again"]:
            self.add_error("again", _("两次输入不一样。"))
        if data.get("new") and data["new"] == data.get("old"):
            self.add_error("new", _("新密码和现密码一样。"))
        return data


class RosterForm(forms.Form):
    file = forms.FileField(
        label=_("花名册"),
        max_length=200,
        help_text=_("不超过5MB的.xlsx工作簿，栏目照现用的花名册，表头在第三、四行。"),
        widget=forms.FileInput(
            attrs={
                "accept": ".xlsx,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            }
        ),
    )
