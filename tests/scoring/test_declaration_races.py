"""Two people, or one twice, at the same moment on the real database: one gets through."""

import io
from pathlib import Path

import pytest

from ledgers.actions import evidence
from ledgers.models import EvidenceFile
from scheme.errors import Refused
from scheme.models import AuditEntry, Job
from scoring.actions import declarations
from scoring.models import Declaration, DeclarationMove
from tests.factories import again, appoint, make_declaration, make_staff, pdf
from tests.scoring.declaring import add, department

TRIALS = 5
State = Declaration.State


@pytest.fixture
def d(committed_db, clock, settings, tmp_path):
    clock.set("2026-04-10 09:00")
    settings.FILES_ROOT = str(tmp_path)
    return department()


def won(results) -> list:
    """Those that got through; every other was refused in words."""
    odd = [r for r in results if isinstance(r, Exception) and not isinstance(r, Refused)]
    assert not odd, odd
    return [r for r in results if not isinstance(r, Refused)]


def test_two_verifiers_confirm_once(race, d):
    for _trial in range(TRIALS):
        line = make_declaration(d.who, state=State.CHECKED, checked_by=d.chiefs[0])
        seen = line.version
        results = race(
            *(
                lambda by=by: declarations.verify(line.pk, version=seen, by=again(by))  # noqa: B023
                for by in d.personnel
            )
        )
        (winner,) = won(results)
        line.refresh_from_db()
        assert line.verified_by == winner.verified_by
        assert line.moves.filter(kind="confirmed").count() == 1
        assert Job.objects.filter(dedupe_key__contains=f"declared:{line.pk}:").count() == 1


def test_checking_and_withdrawing_do_not_both_happen(race, d):
    for _trial in range(TRIALS):
        line = make_declaration(d.who)
        seen = line.version
        results = race(
            lambda: declarations.check(line.pk, version=seen, by=again(d.chiefs[0])),  # noqa: B023
            lambda: declarations.withdraw(line.pk, by=again(d.who)),  # noqa: B023
        )
        assert len(won(results)) == 1
        line.refresh_from_db()
        assert line.state in (State.CHECKED, State.WITHDRAWN)
        assert line.version == seen + 1 and line.moves.count() == 2


def test_two_batches_and_a_refusal_take_each_line_once(race, d):
    lines = [make_declaration(d.who, state=State.CHECKED) for _n in range(8)]
    versions = {line.pk: line.version for line in lines}
    one, other = d.personnel

    results = race(
        lambda: declarations.verify_many(versions, by=again(one)),
        lambda: declarations.verify_many(dict(reversed(versions.items())), by=again(other)),
        lambda: declarations.refuse(
            lines[3].pk, version=versions[lines[3].pk], reason="不符", by=again(one)
        ),
    )

    batches = [r for r in won(results) if isinstance(r, declarations.Outcome)]
    assert len(batches) == 2
    done = [pk for batch in batches for pk in batch.done]
    assert len(done) == len(set(done)) >= 7
    moves = DeclarationMove.objects.filter(kind__in=["confirmed", "refused"])
    assert sorted(moves.values_list("declaration", flat=True)) == sorted(versions)


def test_two_members_revoke_once(race, d):
    third = make_staff(section=d.office)
    appoint(third, "personnel_office")
    line = make_declaration(d.who, state=State.CONFIRMED, verified_by=d.verifier)
    results = race(
        *(
            lambda by=by: declarations.revoke(line.pk, reason="失效", by=again(by))
            for by in (d.other_verifier, third)
        )
    )
    assert len(won(results)) == 1
    assert line.moves.filter(kind="revoked").count() == 1


def test_one_document_is_not_filed_under_two_lines_at_once(race, d):
    for trial in range(TRIALS):
        number = f"泽组发〔2026〕{trial}号"
        results = race(*(lambda: add(d, again(d.who), document_no=number) for _n in range(3)))  # noqa: B023
        assert len(won(results)) == 1
        assert Declaration.objects.filter(document_no=number).count() == 1


def test_one_file_does_not_prove_two_lines_at_once(race, d):
    for trial in range(TRIALS):
        lines = [add(d, document_no=f"{trial}-{n}") for n in range(2)]
        results = race(
            *(
                lambda pk=line.pk: declarations.attach(
                    pk,
                    pdf(f"第{trial}份"),  # noqa: B023
                    "a.pdf",
                    by=again(d.who),
                )
                for line in lines
            )
        )
        assert len(won(results)) == 1
        assert sum(line.proofs.count() for line in lines) == 1


def test_the_same_bytes_at_once_are_one_row_and_one_file(race, d, settings):
    people = [again(one) for one in (d.who, d.chiefs[0], d.verifier, d.leader)]
    for trial in range(TRIALS):
        data = pdf(f"第{trial}份").read()
        results = race(
            *(
                lambda by=by: evidence.keep(d.unit, io.BytesIO(data), by=by)  # noqa: B023
                for by in people
            )
        )
        assert len({kept.pk for kept in won(results)}) == 1
        assert evidence.open_evidence(results[0]).read() == data
    assert EvidenceFile.objects.count() == TRIALS
    files = [path for path in Path(settings.FILES_ROOT).rglob("*") if path.is_file()]
    assert len(files) == TRIALS
    assert evidence.astray() == ([], [], [])


def test_a_double_click_files_once(race, d):
    line = make_declaration(d.who, state=State.DRAFT)
    results = race(*(lambda: declarations.file(line.pk, by=again(d.who)) for _n in range(3)))
    assert len(won(results)) == 1
    assert line.moves.count() == 1
    assert AuditEntry.objects.filter(act="declaration.file").count() == 1
