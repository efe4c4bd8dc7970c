import os

from celery import Celery

from config import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

broker.install()
app = Celery("liangxing")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
