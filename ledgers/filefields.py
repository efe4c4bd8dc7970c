"""Several files under one name."""

from django import forms
from django.utils.translation import ngettext

# Files in one go; each is looked into and kept while the sender waits.
MOST_FILES = 10


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    def __init__(self, **kwargs):
        super().__init__(widget=ManyFiles(), max_length=120, **kwargs)

    def clean(self, data, initial=None):
        files = data if isinstance(data, (list, tuple)) else [data] if data else []
        if len(files) > MOST_FILES:
            text = ngettext("一次最多%(n)s份文件。", "一次最多%(n)s份文件。", MOST_FILES)
            raise forms.ValidationError(text % {"n": MOST_FILES})
        return [super(FilesField, self).clean(file, initial) for file in files]
