"""The run of a round on its page, and the page of its sealed package."""

import pytest
from django.test import Client
from django.urls import reverse

from scheme import clock as house_clock
from scheme import jobs
from scheme.models import AuditEntry, Job, Notice
from stars import running, tasks
from stars.actions import boxes as ballots
from stars.models import Box, Round, RoundArchive
from tests.factories import again, make_round
from tests.stars import acts, archive_world

pytestmark = pytest.mark.django_db
S = Round.State


@pytest.fixture(autouse=True)
def no_broker(monkeypatch, settings, tmp_path):
    monkeypatch.setattr(jobs, "send", lambda pk: None)
    settings.FILES_ROOT = str(tmp_path / "files")


def client_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(person, round_, route="stars:round_run"):
    answer = client_of(person).get(reverse(route, args=[round_.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def post(person, round_, route, **body):
    url = reverse(route, args=[round_.pk])
    return client_of(person).post(url, body | acts.idem(), follow=True)


def test_what_comes_is_what_the_clock_will_do(clock):
    s = acts.nominating(clock)
    Round.objects.filter(pk=s.round.pk).update(due_at=house_clock.at(s.round.branch_until, 18))
    ahead = running.coming(acts.fresh(s))
    assert [one.text for one in ahead] == ["提醒还没有办的人", "自动转入支部评星"]
    assert all(one.by_itself for one in ahead) and not running.is_late(s.round)
    clock.set(house_clock.local(ahead[0].at).replace(tzinfo=None))
    tasks.look()
    assert Job.objects.get().kind == "stars.remind"
    assert jobs.run(Job.objects.get().pk)
    assert running.name_of(Job.objects.get()) == "提醒"
    # The next of its kind, now that this one is done.
    assert running.coming(s.round)[0].at > ahead[0].at
    clock.set(house_clock.local(ahead[-1].at).replace(tzinfo=None))
    assert running.is_late(s.round)
    text = page(s.d.personnel[0], s.round)
    assert "后台可能没有运行" in text
    Job.objects.update(state="parked", finished_at=None, error="KeyError: 'x'")
    text = page(s.d.personnel[0], s.round)
    assert "1件后台任务" in text and "KeyError" in text and "没有办成" in text
    assert "KeyError" not in page(s.d.chair, s.round)

    preparing = make_round(s.d.unit, half="2025H2")
    assert not running.coming(preparing)[-1].by_itself
    assert "去开启" in page(s.d.personnel[0], preparing)
    assert running.name_of(Job(kind="stars.other")) == "stars.other"


def test_a_meeting_is_shown_but_nothing_of_ballots_nor_of_what_one_stands_back_from(clock):
    s = acts.at_committee(clock)
    office, recused = s.d.personnel[0], s.d.leader
    acts.attend(s)
    acts.decide(s, s.a)
    acts.open_item(s, s.section)
    text = page(office, s.round)
    assert "第1次部务会开会" in text and "表决完毕" in text and "正在表决" in text
    assert "去会议" in text and "取消这一轮" in text and "去延期" in text
    apart = set(s.round.recusals_of.filter(staff=recused).values_list("nomination", flat=True))
    mine = running.happened(s.round, recused)
    boxes = Box.objects.exclude(nomination__in=apart)
    assert sum("表决" in one["what"] for one in mine) == boxes.count()
    assert "取消这一轮" not in page(recused, s.round)
    box = Box.objects.get(state="open")
    ballots.void(box.pk, by=again(office), reason="念错了题")
    text = page(office, s.round)
    assert "表决作废" in text and "念错了题" in text

    clock.set("2026-07-07 10:00")
    answer = post(office, s.round, "stars:round_remind", seen=acts.fresh(s).version)
    assert answer.status_code in (200, 422)
    told = Notice.objects.filter(key__contains=":pressed:").count()
    assert told == len(running.waits_for(s.round))


def test_the_page_costs_the_same_whatever_has_happened(clock):
    s = acts.at_branch(clock)
    office = s.d.personnel[0]

    def cost():
        client = client_of(office)
        url = reverse("stars:round_run", args=[s.round.pk])
        client.get(url)
        with acts.counting_queries() as found:
            assert client.get(url).status_code == 200
        return len(found)

    before = cost()
    for n in range(30):
        jobs.enqueue("stars.remind", f"{n}", args={"round": s.round.pk}, unit=s.d.unit)
    assert cost() == before <= 30


def test_the_package_is_made_and_taken_out_on_its_page(clock):
    s = archive_world.published(clock)
    office, member = s.d.personnel[0], s.d.members[0]
    text = page(office, s.round, "stars:round_archive")
    assert "还没有封存档案" in text and "verify_round.py" in text
    assert "封存</button>" not in page(member, s.round, "stars:round_archive")
    answer = post(office, s.round, "stars:round_archive_make")
    assert answer.status_code == 200 and "job-progress" in answer.content.decode()
    job = Job.objects.get(kind="stars.archive")
    assert jobs.run(job.pk)
    archive = RoundArchive.objects.get()
    text = page(member, s.round, "stars:round_archive")
    url = reverse("stars:archive_file", args=[archive.pk])
    assert url in text and archive.root[:8] in text
    client = client_of(member)
    assert client.head(url).status_code == 200
    assert not AuditEntry.objects.filter(act="archive.download").exists()
    answer = client.get(url)
    data = b"".join(answer.streaming_content)
    assert data.startswith(b"PK") and "attachment" in answer["Content-Disposition"]
    assert AuditEntry.objects.get(act="archive.download").actor == member
    post(office, s.round, "stars:round_archive_make")
    assert jobs.run(Job.objects.filter(kind="stars.archive").first().pk)
    assert "没有另出一版" in page(office, s.round, "stars:round_archive")
    assert "封存档案第1版" in page(office, s.round)
    (tasks._new_file(".x").parent / archive.file).unlink()
    assert client.get(url).status_code == 404
