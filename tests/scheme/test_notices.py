import pytest
from django.utils import translation

from scheme import notices
from scheme.models import Notice
from tests import factories

pytestmark = pytest.mark.django_db


def test_the_same_key_is_told_once():
    person = factories.make_staff()
    for _n in range(2):
        notices.tell(person, "report:1:returned", lambda: "您的日报被退回", url="/reports/1/")
    told = Notice.objects.get()
    assert (told.to, told.text, told.url, told.icon) == (
        person,
        "您的日报被退回",
        "/reports/1/",
        "bell",
    )


def test_the_same_key_may_be_told_to_several():
    people = [factories.make_staff() for _n in range(3)]
    notices.tell_all(people, "round:1:open", lambda: "评星开始")
    notices.tell_all(people, "round:1:open", lambda: "评星开始")
    assert Notice.objects.count() == 3
    notices.tell_all([], "nobody", lambda: "")
    assert Notice.objects.count() == 3


def test_a_long_text_is_cut():
    notices.tell(factories.make_staff(), "k", lambda: "长" * 500)
    assert len(Notice.objects.get().text) == 300


@pytest.mark.parametrize("actor", ["zh-hans", "en"])
def test_everybody_reads_it_in_their_own_language_whatever_the_actor_reads(actor):
    person = factories.make_staff()
    with translation.override(actor):
        notices.tell(person, "k", lambda: translation.gettext("提醒"))
    notice = Notice.objects.get(to=person)
    assert notice.text == "提醒"
    with translation.override("en"):
        assert notice.words == "Notices"
    with translation.override("zh-hans"):
        assert notice.words == "提醒"


def test_what_only_one_language_has_is_shown_to_all():
    with translation.override("en"):
        assert Notice(text="旧的提醒").words == "旧的提醒"
