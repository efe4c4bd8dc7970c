"""Fills an empty installation with a department and its half-year, through the real actions."""

from pathlib import Path

from django.conf import settings

DATA = Path(settings.BASE_DIR) / "tests" / "data"
PUBLICITY_SECONDS = 60
# Working days whose reports wait to be read when the demo is first opened.
UNREAD_DAYS = 3
