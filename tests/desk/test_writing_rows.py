"""Writing and innovation on the desk: what this reader may verify, what came back to them."""

import pytest

from desk import writing as rows
from ledgers.actions import innovations, promotions, writing
from tests.ledgers import writing_world as make

pytestmark = pytest.mark.django_db


def test_waiting_and_returned(clock, django_assert_num_queries):
    clock.set("2026-03-05 17:30")
    d = make.world()
    assert rows.waiting(d.office_one) == [] and rows.returned(d.author) == []
    item = make.filed(d.author)
    make.filed(d.author, title="给人事科长署名的", credits=[make.person(d.author)])
    own = [make.person(d.author), make.person(d.office_one, "joint")]
    make.filed(d.author, title="署了人事科长的", credits=own)
    project = innovations.file(make.project(d.author).pk, by=d.author)
    home = make.registered(d.mate, checker=d.office_one, title="登记的")
    one = make.promotion(home, d.author)
    make.prove(one, "promotion")
    one = promotions.file(one.pk, by=d.author)
    with django_assert_num_queries(1):
        waiting = rows.waiting(d.office_one)
    assert [task.title for task in waiting] == [
        "2篇采用待核实",
        "1个创新项目待登记",
        "1次推广待核实",
    ]
    assert [task.title for task in rows.waiting(d.supervisor)] == ["3篇采用待核实"]
    assert rows.waiting(d.author) == []

    writing.turn_back(item.pk, version=item.version, reason="补", by=d.supervisor)
    innovations.turn_back(project.pk, version=project.version, reason="补", by=d.office_one)
    promotions.turn_back(one.pk, version=one.version, reason="补", by=d.office_one)
    with django_assert_num_queries(1):
        back = rows.returned(d.author)
    assert {task.title.partition("：")[0] for task in back} == {"采用", "创新项目", "推广"}
    assert all(task.url.endswith("/edit/") for task in back)
    assert rows.returned(d.mate) == []
