"""学习 and 讲课: sessions with those who missed them, talks with their ratings."""

from ledgers.imports import words
from ledgers.imports.ledger import Ledger, Part, Record, Said, Shift
from ledgers.imports.marks import Marker
from ledgers.imports.roll import Reading
from ledgers.models import StudyMiss, StudySession, Talk
from scheme.imports import cells
from scheme.imports.sheets import Column, Row

# A rating given twice is two ratings.
_ratings = cells.listing(cells.number_between(0, 100), unique=False)


class Study(Ledger):
    sheet = "学习"
    columns = {
        "day": Column("日期", cells.day),
        "topic": Column("主题", words.title),
        "missed": words.listed("缺席工号"),
    }
    model = StudySession
    day = "day"
    parts = {"missed": Part(StudyMiss, "session", ("person_id",))}

    def check(self, row: Row, reading: Reading) -> None:
        row.cells["missed"] = reading.people(row, "missed")

    def said(self, record: Record, marker: Marker, shift: Shift) -> Said | None:
        day = shift(record["day"])
        if day is None:
            return None
        fixed = {"day": day, "topic": record["topic"], "mark": marker(day, record["topic"])}
        return Said(record.row, fixed, parts={"missed": [(pk,) for pk in record["missed"]]})

    def named_by(self, thing: StudySession) -> tuple:
        return thing.day, thing.topic

    def may_change(self, thing: StudySession) -> bool:
        return thing.version == 0 and thing.recorded_by_id is None


class Talks(Ledger):
    sheet = "讲课"
    columns = {
        "day": Column("日期", cells.day),
        "speaker": Column("工号", cells.code),
        "title": Column("题目", words.title),
        "ratings": words.listed("评分", _ratings),
    }
    model = Talk
    day = "day"

    def check(self, row: Row, reading: Reading) -> None:
        row.cells["speaker"] = reading.person(row, "speaker")

    def said(self, record: Record, marker: Marker, shift: Shift) -> Said | None:
        day, speaker, title = shift(record["day"]), record["speaker"], record["title"]
        if day is None:
            return None
        mark = marker(day, speaker, title)
        fixed = {"day": day, "speaker_id": speaker, "title": title, "mark": mark}
        return Said(record.row, fixed, {"ratings": sorted(record["ratings"])})

    def named_by(self, thing: Talk) -> tuple:
        return thing.day, thing.speaker_id, thing.title

    def may_change(self, thing: Talk) -> bool:
        return thing.version == 0 and thing.recorded_by_id is None
