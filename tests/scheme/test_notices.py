import pytest

from scheme import notices
from scheme.models import Notice
from tests import factories

pytestmark = pytest.mark.django_db


def test_the_same_key_is_told_once():
    person = factories.make_staff()
    for _n in range(2):
        notices.tell(person, "report:1:returned", "您的日报被退回", url="/reports/1/")
    told = Notice.objects.get()
    assert (told.to, told.text, told.url, told.icon) == (
        person,
        "您的日报被退回",
        "/reports/1/",
        "bell",
    )


def test_the_same_key_may_be_told_to_several():
    people = [factories.make_staff() for _n in range(3)]
    notices.tell_all(people, "round:1:open", "评星开始")
    notices.tell_all(people, "round:1:open", "评星开始")
    assert Notice.objects.count() == 3
    notices.tell_all([], "nobody", "")
    assert Notice.objects.count() == 3


def test_a_long_text_is_cut():
    notices.tell(factories.make_staff(), "k", "长" * 500)
    assert len(Notice.objects.get().text) == 300
