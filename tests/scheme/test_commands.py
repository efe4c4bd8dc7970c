from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from scheme import jobs
from scheme.models import Job, Staff
from tests import factories as make

pytestmark = pytest.mark.django_db


def said(*arguments, **options) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


def test_an_administrator_gets_a_first_password_once():
    text = said("create_administrator", "SYSADMIN", kind="system")
    person = Staff.objects.get(login="SYSADMIN")
    password = next(word.strip("，。") for word in text.split() if word.count("-") == 2)[:17]
    assert person.check_password(password) and person.must_change_password
    assert person.administrator == "system" and person.unit is None


@pytest.mark.parametrize("login", ["SYSADMIN", "sysadmin"])
def test_a_login_is_taken_whatever_its_case(login):
    make.make_administrator("system", login="SYSADMIN")
    before = Staff.objects.count()
    with pytest.raises(CommandError, match="已有人用"):
        said("create_administrator", login, kind="audit")
    assert Staff.objects.count() == before


def test_due_jobs_are_done_without_a_broker(monkeypatch):
    monkeypatch.setitem(jobs._handlers, "test.note", lambda job: lambda: {"noted": job.pk})
    job = jobs.enqueue("test.note", "one")
    assert said("run_jobs") == "1 jobs done\n"
    job.refresh_from_db()
    assert (job.state, job.result) == (Job.State.DONE, {"noted": job.pk})
    assert said("run_jobs") == "0 jobs done\n"
