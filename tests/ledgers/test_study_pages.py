"""The pages of study and talks: who sees what, what they cost, what they say."""

import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from desk import study as desk
from desk.demo import study as demo
from ledgers.actions import ratings, talks
from ledgers.models import StudySession, Talk
from scheme import clock as time
from scheme.models import Notice
from tests.factories import again, make_absence
from tests.ledgers.study_world import (
    FRIDAY,
    MONDAY,
    THURSDAY,
    WEDNESDAY,
    held,
    imported_talk,
    keeper,
    planned,
    talk,
)

pytestmark = pytest.mark.django_db
LISTS = ("study_list", "study_mine", "study_figures", "talk_list", "talk_rota", "talk_plan")


def enter(client, person):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")


def get(client, name, *args, **query):
    return client.get(reverse(f"ledgers:{name}", args=args), query)


def post(client, name, *args, **body):
    return client.post(reverse(f"ledgers:{name}", args=args), {"idem": str(uuid.uuid4()), **body})


def text(answer) -> str:
    return answer.content.decode()


def test_lists_cost_the_same_at_one_row_and_at_thirty(client, d):
    enter(client, keeper(d))

    def cost() -> dict:
        found = {}
        for name in LISTS:
            with CaptureQueriesContext(connection) as asked:
                assert get(client, name).status_code == 200
            found[name] = len(asked)
        return found

    held(d, [d.officers[0][1]])
    imported_talk(d, [90] * 5)
    get(client, "study_list")
    few = cost()
    own = {"unit": d.unit, "recorded_at": time.now()}
    for n in range(31):
        day = MONDAY - timedelta(n + 1)
        session = StudySession.objects.create(day=day, topic=f"第{n}学", host=d.leader, **own)
        session.misses.create(person=d.officers[n % 3][1])
        Talk.objects.create(day=day, speaker=d.officers[n % 3][1], title=f"第{n}讲", **own)
    many = cost()
    assert many == few
    # A plan is no list: it reads calendar, absences and everybody's talks besides.
    assert many.pop("talk_plan") <= 14 and max(many.values()) <= 12, many


def test_filters_stay_in_the_address_and_empty_lists_teach(client, d):
    enter(client, d.officers[0][1])
    assert "还没有安排学习" in text(get(client, "study_list"))
    assert "还没有安排讲课" in text(get(client, "talk_list"))
    assert "这个半年还没有登记过的学习" in text(get(client, "study_mine"))
    planned(d, FRIDAY, topic="条例学习")
    held(d)
    talk(d)
    shown = get(client, "study_list", q="条例", state="planned", half="2026H1")
    assert [row["session"].day for row in shown.context["rows"]] == [FRIDAY]
    assert 'value="条例"' in text(shown)
    assert "没有合乎条件" in text(get(client, "study_list", half="2026H1", q="没有这个"))
    assert len(get(client, "talk_list", q="信息").context["rows"]) == 1
    assert "没有合乎条件" in text(get(client, "talk_list", state="void"))
    # The way in is on the hub.
    hub = text(client.get(reverse("ledgers:hub")))
    assert reverse("ledgers:study_list") in hub and reverse("ledgers:talk_list") in hub


def test_who_was_missing_is_named_to_those_it_concerns(client, d):
    mine, other = d.officers[0][1], d.officers[1][1]
    away = d.officers[0][2]
    make_absence(away, WEDNESDAY, WEDNESDAY)
    session = held(d, [mine, other, away])

    def page(person):
        enter(client, person)
        return text(get(client, "study_detail", session.pk))

    for person, named in (
        (keeper(d), {mine, other, away}),
        (d.chiefs[0], {mine, away}),
        (d.leader, {mine, away}),
        (d.officers[0][0], set()),
        (other, set()),
    ):
        shown = page(person)
        for one in (mine, other, away):
            assert (f">{one.name}<" in shown) == (one in named), (person, one)
        assert "应到11人" in shown
    assert "登记过缺席，但那天免到，不计入" in page(keeper(d))
    assert "登记为没有到会" in page(mine) and "那天您请假" in page(away)
    assert "您到会了" in page(d.officers[1][0])
    assert "您到会了" not in page(d.leader)
    # Reasons of corrections are about persons.
    assert "经过" in page(d.chiefs[0]) and "经过" not in page(d.officers[0][0])


def test_the_office_plans_attends_and_prints(client, d):
    enter(client, keeper(d))
    assert get(client, "study_new").context["form"].initial["day"] == FRIDAY
    body = {"day": "2026-03-06", "topic": "条例学习", "host_id": d.leader.pk, "contents": "原文"}
    made = post(client, "study_new", **body, until="2026-03-20")
    assert made.status_code == 302 and StudySession.objects.count() == 3
    assert set(StudySession.objects.values_list("contents", flat=True)) == {"原文"}
    wrong = post(client, "study_new", **body | {"topic": ""}, until="2026-03-01")
    assert wrong.status_code == 422
    wrong = post(client, "study_new", **body, until="2026-03-01")
    assert wrong.status_code == 422 and "早于第一次" in text(wrong)
    assert post(client, "study_new", **body | {"day": "2026-03-04"}).status_code == 302

    session = StudySession.objects.get(day=WEDNESDAY)
    one, two = d.officers[0][1:]
    make_absence(two, WEDNESDAY, WEDNESDAY)
    shown = text(get(client, "study_attendance", session.pk))
    assert shown.count('name="missed"') == 12 and shown.count("disabled") == 1
    sheet = text(get(client, "study_sheet", session.pk))
    assert one.name in sheet and "应到11人" in sheet and "免到" in sheet
    seen = {"seen": session.version}
    assert post(client, "study_attendance", session.pk, missed=one.pk, **seen).status_code == 302
    session.refresh_from_db()
    assert [miss.person for miss in session.misses.all()] == [one]
    shown = text(get(client, "study_attendance", session.pk))
    assert "更正理由" in shown and shown.count(" checked") == 1

    seen = {"seen": session.version}
    refused = post(client, "study_attendance", session.pk, **seen)
    assert refused.status_code == 422 and "写明理由" in text(refused)
    assert post(client, "study_attendance", session.pk, seen=0, reason="x").status_code == 409
    rubbish = post(client, "study_attendance", session.pk, missed="abc", **seen)
    assert rubbish.status_code == 422
    post(client, "study_attendance", session.pk, reason="核实到会", **seen)
    assert not session.misses.exists()

    session.refresh_from_db()
    edit = {"day": "2026-03-04", "topic": "新主题", "seen": session.version}
    assert post(client, "study_edit", session.pk, **edit).status_code == 422
    assert post(client, "study_edit", session.pk, **edit, reason="写错").status_code == 302
    assert post(client, "study_edit", session.pk, **edit, reason="写错").status_code == 409
    session.refresh_from_db()
    assert post(client, "study_act", session.pk, seen=0, move="none").status_code == 422
    seen = {"seen": session.version, "reason": "重了"}
    assert post(client, "study_act", session.pk, move="void", **seen).status_code == 302
    assert "恢复这一次" in text(get(client, "study_detail", session.pk))


def test_the_rota_proposes_and_the_keeper_decides(client, d):
    enter(client, keeper(d))
    first = d.chiefs[0]
    make_absence(first, date(2026, 3, 18), date(2026, 3, 18))
    shown = get(client, "talk_plan", first="2026-03-18", count="3")
    lines = shown.context["lines"]
    assert lines[0]["turn"]["name"] == d.officers[0][0].name
    assert first.name in lines[0]["turn"]["absent"] and "还没有讲过" in lines[0]["turn"]["why"]
    assert first.name in lines[1]["turn"]["passed"]
    assert len(get(client, "talk_plan", first="rubbish", count="0").context["lines"]) == 6

    body = {"form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 2}
    turns = [("2026-03-18", d.officers[1][0].pk), ("2026-04-01", "")]
    for n, (day, key) in enumerate(turns):
        body |= {f"form-{n}-day": day, f"form-{n}-speaker": key}
    assert post(client, "talk_plan", **body).status_code == 302
    again_ = post(client, "talk_plan", **body)
    assert again_.status_code == 422 and "已经安排" in text(again_)
    assert post(client, "talk_plan", **body | {"form-0-day": "x"}).status_code == 422
    row = Talk.objects.get()
    assert (row.speaker, row.day) == (d.officers[1][0], date(2026, 3, 18))
    # After the last talk, a fortnight on.
    assert get(client, "talk_plan").context["which"].initial["first"] == date(2026, 4, 1)
    queue = get(client, "talk_rota").context["queue"]
    assert queue[-1].person == row.speaker and queue[-1].coming == row.day


def test_a_talk_from_its_title_to_its_result(client, d, clock):
    speaker = d.officers[0][1]
    row = talk(d, speaker, title="")
    enter(client, speaker)
    assert "报题目" in text(get(client, "talk_detail", row.pk))
    given = post(client, "talk_edit", row.pk, title="怎样写信息", seen=row.version)
    assert given.status_code == 302
    assert post(client, "talk_edit", row.pk, title="", seen=1).status_code == 422
    enter(client, d.officers[0][0])
    assert get(client, "talk_edit", row.pk).status_code == 403

    enter(client, keeper(d))
    row.refresh_from_db()
    edit = {"day": row.day, "speaker_id": d.officers[1][1].pk, "title": "题", "seen": row.version}
    assert "换人或换日期要写明" in text(post(client, "talk_edit", row.pk, **edit))
    assert post(client, "talk_edit", row.pk, **edit | {"seen": 0}).status_code == 409
    until = {"until_day": "2026-03-06", "until_time": "18:00", "seen": row.version}
    assert "开始评分" in text(get(client, "talk_detail", row.pk))
    assert post(client, "talk_act", row.pk, move="open", seen=row.version).status_code == 422
    assert post(client, "talk_act", row.pk, move="open", **until).status_code == 302
    row.refresh_from_db()
    assert post(client, "talk_act", row.pk, move="nothing", seen=0).status_code == 422

    raters = [*d.officers[1], *d.officers[2]]
    for n, one in enumerate(raters):
        enter(client, one)
        assert "去评分" in text(get(client, "talk_detail", row.pk))
        assert "封存评分" in text(get(client, "talk_rate", row.pk))
        if not n:
            assert "先选一个分数" in text(post(client, "talk_rate", row.pk))
            assert post(client, "talk_rate", row.pk, value="88.3").status_code == 422
            assert post(client, "talk_rate", row.pk, value="101").status_code == 422
        # The figure that was written goes before the button.
        sent = post(client, "talk_rate", row.pk, value=str(90 + n), quick="60")
        assert sent.status_code == 302
        page = text(get(client, "talk_detail", row.pk))
        assert f"<b>{n + 1}</b>" in page and "平均" not in page and "您已评" in page
    assert "您已评过" in text(get(client, "talk_rate", row.pk))
    enter(client, speaker)
    assert get(client, "talk_rate", row.pk).status_code == 403

    clock.set("2026-03-06 18:01")
    enter(client, keeper(d))
    assert "待拆开" in text(get(client, "talk_detail", row.pk))
    shut = post(client, "talk_act", row.pk, move="shut", seen=row.version)
    assert shut.status_code == 302
    page = text(get(client, "talk_detail", row.pk))
    assert "<b>92.5</b>" in page and "6人评分的平均" in page
    assert "您已评过" in text(get(client, "talk_rate", row.pk))
    enter(client, d.chair)
    assert "不在评分时间内" in text(get(client, "talk_rate", row.pk))
    assert "92.5" in text(get(client, "talk_list"))


def test_the_keepers_other_acts(client, d):
    enter(client, keeper(d))
    one, two = talk(d, d.officers[0][1], day=FRIDAY), talk(d, d.officers[1][1], date(2026, 3, 18))
    assert f'value="{two.pk}:{two.version}"' in text(get(client, "talk_detail", one.pk))
    swap = {"move": "swap", "other": f"{two.pk}:{two.version}", "seen": one.version}
    assert post(client, "talk_act", one.pk, **swap, reason="双方同意").status_code == 302
    assert post(client, "talk_act", one.pk, **swap | {"other": "0:x"}).status_code == 422
    one.refresh_from_db()
    gone = {"move": "swap", "other": "999999:1", "seen": one.version, "reason": "x"}
    assert post(client, "talk_act", one.pk, **gone).status_code == 404
    row = talk(d, d.officers[2][1], day=THURSDAY)
    plain = {"seen": row.version}
    assert post(client, "talk_act", row.pk, move="hold", **plain).status_code == 302
    for move in ("void", "restore"):
        row.refresh_from_db()
        body = {"seen": row.version, "reason": "重了", "move": move}
        assert post(client, "talk_act", row.pk, **body).status_code == 302
    page = text(get(client, "talk_detail", row.pk))
    assert "没有评分" in page and "开始评分" in page
    few = imported_talk(d, [Decimal("91.5"), Decimal("92.5")])
    page = text(get(client, "talk_detail", few.pk))
    assert "不足5人，不出结果" in page and "91.5" not in page


def test_the_desk_says_what_is_to_do(client, d, clock):
    speaker, listener, office = d.officers[0][1], d.officers[1][1], keeper(d)
    row = talk(d, speaker, title="")
    session = planned(d)
    waiting = [task.url for task in desk.waiting(office)]
    assert waiting == [
        reverse("ledgers:study_attendance", args=[session.pk]),
        reverse("ledgers:talk_detail", args=[row.pk]),
    ]
    assert desk.waiting(listener) == [] and desk.owed(listener) == []
    assert [task.word for task in desk.owed(speaker)] == ["待报题目"]
    row = talks.give(row.pk, title="题目", version=row.version, by=speaker)
    ends = time.now() + timedelta(days=1)
    ratings.open_rating(row.pk, until=ends, version=row.version, by=office)
    assert desk.owed(speaker) == []
    assert [task.word for task in desk.owed(listener)] == ["待评分"]
    enter(client, listener)
    assert reverse("ledgers:talk_rate", args=[row.pk]) in text(client.get("/"))
    ratings.rate(row.pk, Decimal(90), by=again(listener))
    assert desk.owed(listener) == []
    clock.set("2026-03-06 20:00")
    assert desk.owed(d.chiefs[0]) == []


def test_the_demo_has_something_in_every_state(d):
    demo.build(d.unit, keeper(d), THURSDAY)
    assert StudySession.objects.filter(state="planned", day__lte=THURSDAY).count() == 1
    row = Talk.objects.get(state="open")
    assert row.envelopes.count() >= 10 and row.day < THURSDAY
    assert Talk.objects.filter(state="planned", day__gt=THURSDAY).count() == demo.AHEAD
    assert Notice.objects.filter(to=row.speaker).exists()
