"""展示亮星: the wall, its slides and sheets, and the stars of the years."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone

from stars import wall as walls
from stars.models import Award, Nomination, Publication, Revocation
from stars.wall import Honour, StarShown, Wall
from tests.factories import make_department, make_nomination, make_round, make_staff
from tests.stars import acts

KEYS = ["xue", "geng", "ye", "xiao", "xin"]
MOST_QUERIES = 12


def wall_of(*sizes, gone=()):
    """Stars with a section and so many persons; `gone`: names that were revoked."""
    stars = []
    for key, size in zip(KEYS, sizes, strict=False):
        people = [
            Honour("person", f"{key}{n}", f"{key}{n}", "一科", "", "一句话。", f"{key}{n}" in gone)
            for n in range(size)
        ]
        section = [Honour("section", key, f"{key}科", f"{key}科", "", "", None)] if size else []
        stars.append(StarShown(key, key, section, people))
    return Wall(SimpleNamespace(), stars, "edition")


def names(parts):
    return [one.name for part in parts for one in part.honours]


def test_few_winners_are_shown_together_and_then_star_by_star():
    slides = walls.slides(wall_of(1, 1, 0, 1, 3))
    assert slides[0].star is None
    assert [slide.star.key for slide in slides[1:]] == KEYS
    assert [slide.size for slide in slides[1:]] == [2, 2, 1, 2, 4]
    assert slides[3].honours == []


@pytest.mark.parametrize("sizes", [(40, 0, 1, 12, 11), (7, 25, 9, 2, 3)])
def test_many_winners_are_parted_and_nobody_is_lost(sizes):
    wall = wall_of(*sizes)
    slides = walls.slides(wall)
    everybody = [one.name for star in wall.stars for one in (*star.sections, *star.persons)]
    assert names(slides) == everybody
    assert all(slide.star and len(slide.honours) <= walls.ON_SLIDE for slide in slides)
    first = [slide for slide in slides if slide.star.key == "xue"]
    assert [(one.part, one.parts) for one in first] == [
        (n, len(first)) for n in range(1, len(first) + 1)
    ]
    assert max(len(one.honours) for one in first) - min(len(one.honours) for one in first) <= 1
    sheets = walls.sheets(wall, by="star")
    assert names(sheets) == everybody
    assert all(len(sheet.honours) <= walls.ON_POSTER for sheet in sheets)


def test_posters_are_of_a_star_or_of_a_winner_and_leave_out_what_was_revoked():
    wall = wall_of(2, 0, 5, 9, gone=["ye1"])
    assert [sheet.crowd for sheet in walls.sheets(wall, by="star")] == ["few", "some", "many"]
    own = walls.sheets(wall, by="winner", star="ye")
    assert names(own) == ["ye科", "ye0", "ye2", "ye3", "ye4"]
    assert {sheet.crowd for sheet in own} == {"one"}
    assert walls.sheets(wall, by="star", star="geng") == []
    assert wall.revoked == 1 and "ye1" not in names(walls.slides(wall))


# --- Pages


def page(client, person, name, /, *args, **query):
    client.force_login(person)
    return client.get(reverse(f"stars:{name}", args=args), query)


def text_of(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def take_back(award, d, *, state="approved"):
    decided = state != "proposed"
    return Revocation.objects.create(
        award=award,
        state=state,
        authority="部务会会议",
        reason="材料不实",
        proposed_by=d.personnel[0],
        proposed_at=timezone.now(),
        decided_by=d.chair if decided else None,
        decided_at=timezone.now() if decided else None,
    )


@pytest.mark.django_db
def test_a_revoked_star_is_marked_on_pages_and_left_out_of_screen_and_posters(client, clock):
    s = acts.published(clock)
    member, name = s.d.officers[2][1], s.a.person.name
    before = page(client, member, "wall_screen").context["wall"].edition
    for where, args in (("wall", []), ("wall_screen", []), ("wall_poster", [s.round.pk])):
        text = text_of(page(client, member, where, *args))
        assert name in text and "已撤销" not in text, where
    take_back(Award.objects.get(nomination=s.a), s.d)
    text = text_of(page(client, member, "wall"))
    assert f"<s>{name}</s>" in text and "已撤销" in text
    text = text_of(page(client, member, "wall_history"))
    assert name in text and "已撤销" in text
    for where, args in (("wall_screen", []), ("wall_poster", [s.round.pk])):
        text = text_of(page(client, member, where, *args))
        main = text.partition("<main")[2].partition("</main>")[0]
        assert f"<b>{name}</b>" not in main and "另有1项已撤销" in text, where
        assert s.b.person.name in main
    after = page(client, member, "wall_screen").context["wall"]
    assert after.edition != before and f'data-edition="{after.edition}"' in text_of(
        page(client, member, "wall_screen")
    )
    assert after.revoked == 1
    # One that is only proposed changes nothing.
    take_back(Award.objects.get(nomination=s.b), s.d, state="proposed")
    assert page(client, member, "wall_screen").context["wall"].edition == after.edition


@pytest.mark.django_db
def test_before_the_first_result_screen_and_history_say_so(client, clock):
    s = acts.in_publicity(clock)
    assert "还没有公布过结果" in text_of(page(client, s.d.chair, "wall_screen"))
    assert "还没有公布过结果" in text_of(page(client, s.d.chair, "wall_history"))
    assert page(client, s.d.chair, "wall_poster", s.round.pk).status_code == 404


def honour(d, half, nominees):
    """A published round of that half-year with these winners: (nominee, star)."""
    round_ = make_round(
        d.unit,
        state="published",
        half=half,
        by=d.personnel[0],
        publicity_from=date(2026, 7, 1),
        publicity_until=date(2026, 7, 8),
    )
    stars: dict = {key: {"sections": [], "persons": []} for key in KEYS}
    made = []
    for n, (nominee, star) in enumerate(nominees, 1):
        one = make_nomination(round_, nominee, star=star, state="closed", by=d.personnel[0])
        made.append(
            Award.objects.create(
                unit=d.unit,
                round=round_,
                nomination=one,
                star=one.star,
                person=one.person,
                section=one.section,
                number=f"{half}-{n:02d}",
                awarded_on=date(2026, 7, 9),
            )
        )
        stars[star][f"{one.kind}s"].append({"number": made[-1].number, "name": nominee.name})
    Publication.objects.create(
        unit=d.unit,
        round=round_,
        body={
            "unit": d.unit.name,
            "half": half,
            "publicity": {"days": 5},
            "stars": [{"key": key, "name": key} | found for key, found in stars.items()],
        },
        digest=half,
        published_at=timezone.now(),
    )
    return made


@pytest.mark.django_db
def test_the_history_by_round_star_and_winner_with_filters(
    client, clock, django_assert_max_num_queries
):
    clock.set("2026-07-20 09:00")
    d = make_department()
    one, two = d.officers[0][0], d.officers[1][0]
    honour(d, "2025H1", [(two, "ye"), (one, "ye"), (d.two, "xue")])
    honour(d, "2025H2", [(one, "xin"), (d.one, "ye")])

    def groups(**query):
        answer = page(client, d.chair, "wall_history", **query)
        text_of(answer)
        return [
            (group.title, [(str(a.person or a.section), a.star_id) for a in group.awards])
            for group in answer.context["page_obj"]
        ]

    assert groups() == [
        ("2025年下半年", [(d.one.name, "ye"), (one.name, "xin")]),
        ("2025年上半年", [(d.two.name, "xue"), (one.name, "ye"), (two.name, "ye")]),
    ]
    assert [title for title, _won in groups(by="star")] == ["勤学之星", "精业之星", "创新之星"]
    # Sections first, then people, each in the office's order: not by how many they won.
    assert [(title, len(won)) for title, won in groups(by="winner")] == [
        (d.one.name, 1),
        (d.two.name, 1),
        (one.name, 2),
        (two.name, 1),
    ]
    assert groups(by="winner", person=one.pk) == [(one.name, [(one.name, "xin"), (one.name, "ye")])]
    assert groups(half="2025H1", star="ye") == [
        ("2025年上半年", [(one.name, "ye"), (two.name, "ye")])
    ]
    assert [title for title, _won in groups(kind="section", by="winner")] == [
        d.one.name,
        d.two.name,
    ]
    assert len(groups(section=d.two.pk, by="winner")) == 2
    assert groups(half="2025H2", person=two.pk) == []
    # What is no value filters nothing.
    assert groups(half="\x00", star="9" * 40, person="-1", by="x") == groups()
    assert groups(page="99") == groups()
    stranger = make_department().chair
    assert "还没有公布过结果" in text_of(page(client, stranger, "wall_history"))
    tabs = page(client, d.chair, "wall_history", star="ye", page="2").context["tabs"]
    assert [tab["url"].partition("?")[2] for tab in tabs] == [
        f"star=ye&by={value}" for value in ("round", "star", "winner")
    ]
    # The same cost for five and for forty.
    many = [make_staff(section=d.one, branch=d.branches[0]) for _n in range(35)]
    rounds = Nomination.objects.count()
    honour(d, "2024H2", [(person, KEYS[n % 5]) for n, person in enumerate(many)])
    assert Nomination.objects.count() == rounds + 35
    client.force_login(d.chair)
    asked = [("wall_history", {"by": by}) for by in ("round", "star", "winner")]
    for name, query in [*asked, ("wall", {}), ("wall_screen", {})]:
        with django_assert_max_num_queries(MOST_QUERIES):
            text_of(client.get(reverse(f"stars:{name}"), query))
