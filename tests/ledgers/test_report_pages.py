import uuid
from datetime import date, timedelta

import pytest

from ledgers.actions import reports
from ledgers.actions.reports import Line
from ledgers.models import DailyReport, ReportEvent
from scheme.offices import Administrator
from tests.factories import (
    make_absence,
    make_administrator,
    make_report,
    moment,
)

pytestmark = pytest.mark.django_db
WEDNESDAY, THURSDAY = date(2026, 3, 4), date(2026, 3, 5)
State = DailyReport.State
FETCH = {"X-Requested-With": "fetch"}


@pytest.fixture
def author(d, client):
    person = d.officers[0][1]
    enter(client, person)
    return person


def enter(client, person):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")


def form(*lines, seen=0, idem=None, **more) -> dict:
    data = {"seen": seen, "idem": idem or str(uuid.uuid4()), **more}
    for place, line in enumerate(lines):
        data[f"lines-{place}-text"] = line
        data[f"lines-{place}-done"] = "on"
    return data


# --- Today


@pytest.mark.parametrize(
    ("now", "filed", "shown"),
    [
        # In the morning yesterday's is wanted, for it can still be on time.
        ("2026-03-05 09:00", [], WEDNESDAY),
        ("2026-03-05 09:00", [WEDNESDAY], THURSDAY),
        ("2026-03-05 10:30", [], THURSDAY),
        ("2026-03-07 12:00", [], date(2026, 3, 6)),
    ],
)
def test_the_form_most_wanted_now(client, d, clock, now, filed, shown):
    clock.set(now)
    author = d.officers[0][1]
    for day in filed:
        make_report(author, day)
    enter(client, author)

    assert client.get("/reports/").context["day"] == shown


def test_what_has_been_filed_today_is_shown(client, author):
    for back in range(8):
        make_report(author, THURSDAY - timedelta(back))

    answer = client.get("/reports/", follow=True)

    assert answer.context["report"].day == THURSDAY


def test_who_owes_nothing_sees_the_calendar(client, d):
    enter(client, d.leader)

    answer = client.get("/reports/", follow=True)

    assert answer.request["PATH_INFO"] == "/reports/mine/"
    assert "不在任何科室" in answer.content.decode()


# --- The form


def test_the_last_plan_is_today_s_draft(client, author):
    last = make_report(author, date(2026, 3, 2), plan="1.核对名单；2.起草通知")
    last.lines.update(done=False)

    answer = client.get("/reports/2026-03-05/")

    assert answer.context["lines"] == [
        {"text": "核对名单", "done": True},
        {"text": "起草通知", "done": True},
        {"text": "核对干部档案", "done": False, "tag": "上次没做完"},
    ]
    assert "取自3月2日的计划" in answer.content.decode()
    assert not DailyReport.objects.filter(day=THURSDAY).exists()


def test_the_last_one_may_be_copied(client, author):
    make_report(author, date(2026, 3, 2), lines=["核对档案"], plan="接着核对")

    answer = client.get("/reports/2026-03-05/?from=last")

    assert answer.context["lines"] == [{"text": "核对档案", "done": True}]
    assert answer.context["form"].initial["plan"] == "接着核对"


def test_a_draft_stands_where_it_was_left(client, author):
    make_report(author, WEDNESDAY)
    reports.save_draft(THURSDAY, by=author, lines=[Line("写到一半", False)], plan="明天", seen=0)

    answer = client.get("/reports/2026-03-05/")

    assert answer.context["lines"] == [{"text": "写到一半", "done": False}]
    assert "data-draft-at" in answer.content.decode()


def test_filing_answers_with_the_report(client, author):
    answer = client.post("/reports/2026-03-05/", form("核对档案", "", plan="接着"), follow=True)

    report = DailyReport.objects.get()
    assert (report.state, report.plan) == (State.FILED, "接着")
    assert answer.request["PATH_INFO"] == f"/reports/by/{report.pk}/"
    assert f'data-draft-done="{author.pk}:2026-03-05"' in answer.content.decode()


def test_the_same_form_sent_twice_files_once(client, author):
    data = form("核对档案")

    answers = [client.post("/reports/2026-03-05/", data) for _n in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert ReportEvent.objects.count() == 1


def test_a_second_page_of_the_same_day_is_told_so_and_keeps_its_text(client, author):
    client.post("/reports/2026-03-05/", form("核对档案"))

    answer = client.post("/reports/2026-03-05/", form("第二页写的"))

    assert answer.status_code == 409
    assert "第二页写的" in answer.content.decode()
    assert "已经报送" in answer.content.decode()
    assert ReportEvent.objects.count() == 1


@pytest.mark.parametrize(
    "data",
    [{}, {"plan": "字" * 1001}, {"lines-0-text": "字" * 501}, {"lines-0-text": "事", "seen": "x"}],
)
def test_a_form_with_mistakes_comes_back_with_its_text(client, author, data):
    answer = client.post("/reports/2026-03-05/", {**form(), "answer": "留着", **data})

    assert answer.status_code == 422
    for text in data.values():
        assert text == "x" or text in answer.content.decode()
    assert not DailyReport.objects.exists()


def test_a_page_that_did_not_know_of_the_draft_s_change_may_press_again(client, author, d):
    report = make_report(author, THURSDAY, state=State.RETURNED)

    answer = client.post("/reports/2026-03-05/", form("改好了", seen=0))

    assert answer.status_code == 409
    seen = answer.context["form"]["seen"].value()
    assert seen == report.version
    assert client.post("/reports/2026-03-05/", form("改好了", seen=seen)).status_code == 302


@pytest.mark.parametrize(
    ("day", "word"),
    [("2026-03-06", "还没到"), ("2026-02-25", "最迟3月4日23:59补报"), ("2019-03-01", "不用报")],
)
def test_a_day_that_cannot_be_written_says_why(client, author, day, word):
    answer = client.get(f"/reports/{day}/")

    assert answer.status_code == 200
    assert word in answer.content.decode()


def test_the_words_of_the_head(client, author, clock):
    def words(day="2026-03-05"):
        return client.get(f"/reports/{day}/").content.decode()

    assert "3月6日10:00前为按时" in words()
    assert "次一工作日10:00前报送为按时" in words()
    assert "3月11日23:59前可补报" in words("2026-03-04")
    assert "休息日，可报可不报" in words("2026-03-01")
    make_absence(author, THURSDAY)
    assert "免报，可报可不报" in words()


def test_a_returned_report_shows_why_and_takes_an_answer(client, author, d):
    report = make_report(author, THURSDAY)
    reports.return_(report.pk, by=d.chiefs[0], reason="请写明份数", seen=1)

    answer = client.get("/reports/2026-03-05/")
    assert "请写明份数" in answer.content.decode()
    client.post("/reports/2026-03-05/", form("核对12卷", seen=2, answer="已写明"))

    assert ReportEvent.objects.get(version=3).text == "已写明"


@pytest.mark.parametrize("day", ["2026-02-30", "1999-01-01", "9999-12-31", "today"])
def test_what_is_no_day_is_no_page(client, author, day):
    assert client.get(f"/reports/{day}/").status_code == 404


# --- Drafts


def save(client, *lines, day="2026-03-05", **more):
    data = form(*lines, **more)
    del data["idem"]
    return client.post(f"/reports/{day}/draft/", data, headers=FETCH)


def test_a_draft_is_saved_in_the_background(client, author):
    told = save(client, "写到一半").json()
    again = save(client, "写到一大半", base=told["at"])

    assert again.status_code == 200
    assert (told["version"], told["time"]) == (0, "17:30")
    assert DailyReport.objects.get().lines.get().text == "写到一大半"


def test_a_draft_whose_answer_was_lost_may_be_saved_again(client, author):
    save(client, "写到一半")

    assert save(client, "写到一大半").status_code == 200
    assert save(client, "另一天", day="2026-03-04").status_code == 200


def test_a_draft_that_cannot_be_saved_says_so_by_its_status(client, author, clock):
    clock.advance(seconds=5)
    reports.save_draft(THURSDAY, by=author, lines=[Line("写到一半")], seen=0)
    assert save(client, "旧页面").status_code == 409
    for base in ("2026-13-45T00:00:00Z", "2026-03-05T17:00:00+08:00", "2030-03-05T17:00:00", "x"):
        assert save(client, "旧页面", base=base).status_code == 409
    assert save(client, "字" * 501).status_code == 422
    assert save(client, "x", seen="x").status_code == 422
    client.logout()
    assert save(client, "登录过期").status_code == 401
    assert DailyReport.objects.get().lines.get().text == "写到一半"


# --- The month


def test_the_month_shows_every_kind_of_day(client, author, clock):
    clock.set("2026-03-12 12:00")
    make_report(author, date(2026, 3, 2), state=State.ACCEPTED, grade="good")
    make_report(author, date(2026, 3, 3), filed_at=moment("2026-03-04 11:00"))
    make_report(author, date(2026, 3, 9), state=State.RETURNED)
    make_absence(author, date(2026, 3, 10), date(2026, 3, 10))

    answer = client.get("/reports/mine/?month=2026-03")

    cells = {c["day"].day: c for week in answer.context["weeks"] for c in week if not c["outside"]}
    assert [(cells[n]["word"], cells[n]["note"]) for n in (2, 3, 4, 9, 10, 12, 13)] == [
        ("按时", "好"),
        ("迟报", ""),
        ("缺报", ""),
        ("按时", "退回"),
        ("请假", ""),
        ("待报", ""),
        ("", ""),
    ]
    assert cells[2]["url"] == "/reports/2026-03-02/" and not cells[13]["url"]
    assert answer.context["sums"]["owed"] == 8
    assert answer.context["next"] is None


def test_a_make_up_day_is_a_workday_in_the_month(client, author):
    answer = client.get("/reports/mine/?month=2026-02")

    cells = {c["day"].day: c for week in answer.context["weeks"] for c in week if not c["outside"]}
    assert (cells[14]["kind"], cells[14]["makeup"]) == ("bad", True)
    assert (cells[16]["kind"], cells[16]["word"]) == ("off", "春节")


@pytest.mark.parametrize("month", ["", "2026-13", "x", "0001-01", "2199-12", "9999-12"])
def test_a_month_that_is_none_is_this_one(client, author, month):
    answer = client.get("/reports/mine/", {"month": month})

    assert answer.context["month"] == date(2026, 3, 1)


def test_a_month_costs_the_same_whatever_stands_in_it(
    client, author, django_assert_max_num_queries
):
    make_report(author, WEDNESDAY)
    with django_assert_max_num_queries(25) as few:
        client.get("/reports/mine/")
    for back in range(2, 30):
        make_report(author, THURSDAY - timedelta(back))

    with django_assert_max_num_queries(len(few)):
        client.get("/reports/mine/")


# --- One report


def test_whose_report_may_be_read(client, d):
    report = make_report(d.officers[0][1], THURSDAY)
    answers = {}
    for who in (
        d.officers[0][1],
        d.chiefs[0],
        d.deputies[0],
        d.leader,
        d.officers[0][2],
        d.chiefs[1],
        d.other_leader,
        d.personnel[0],
    ):
        enter(client, who)
        answers[who] = client.get(f"/reports/by/{report.pk}/").status_code

    assert list(answers.values()) == [200, 200, 200, 200, 404, 404, 404, 404]


def test_administrators_read_no_reports(client, d):
    enter(client, make_administrator(Administrator.SYSTEM))

    for path in ("/reports/", "/reports/mine/", "/reports/2026-03-05/", "/review/"):
        assert client.get(path).status_code == 403


def test_the_signed_out_are_asked_to_sign_in(client, d):
    answer = client.get("/reports/2026-03-05/")

    assert answer.status_code == 302
    assert answer["Location"].endswith("?next=/reports/2026-03-05/")


def test_while_it_is_mended_others_read_what_was_filed(client, d, author, clock):
    client.post("/reports/2026-03-05/", form("核对档案"))
    report = DailyReport.objects.get()
    reports.return_(report.pk, by=d.chiefs[0], reason="请写明份数", seen=1)
    clock.advance(seconds=5)
    report.refresh_from_db()
    draft = {"lines": [Line("改到一半")], "seen": 2, "base": report.saved_at}
    reports.save_draft(THURSDAY, by=author, **draft)

    own = client.get(f"/reports/by/{report.pk}/").content.decode()
    enter(client, d.chiefs[0])
    theirs = client.get(f"/reports/by/{report.pk}/").content.decode()

    assert "改到一半" in own and "去补正" in own
    assert "改到一半" not in theirs and "核对档案" in theirs


def test_what_was_filed_before_can_be_read_again(client, d, author):
    client.post("/reports/2026-03-05/", form("第一稿"))
    report = DailyReport.objects.get()
    reports.return_(report.pk, by=d.chiefs[0], reason="请写明份数", seen=1)
    client.post("/reports/2026-03-05/", form("第二稿", seen=2, answer="写明了"))
    reports.accept(report.pk, by=d.chiefs[0], grade="good", comment="清楚", seen=3)

    page = client.get(f"/reports/by/{report.pk}/").content.decode()

    for words in ("第<del>一</del>稿", "第<ins>二</ins>稿", "请写明份数", "写明了", "清楚"):
        assert words in page
    assert "评定：好" in page
