"""Facts: one class a ledger; `row` is where the fact stands in its sheet."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal


@dataclass
class Report:
    row: int
    day: date
    no: str
    filed_at: datetime | None = None
    grade: str = ""


@dataclass
class Leave:
    no: str
    first: date
    last: date | None = None


@dataclass
class Summary:
    row: int
    month: date
    section: str
    grade: str = ""


@dataclass
class Session:
    row: int
    day: date
    absent: list


@dataclass
class Talk:
    row: int
    day: date
    no: str
    ratings: list


@dataclass
class Adoption:
    row: int
    day: date
    title: str
    level: str
    main: list
    others: list
    main_sections: list
    other_sections: list


@dataclass
class Task:
    row: int
    code: str
    section: str
    difficulty: int
    due: date
    main: dict  # staff number: share in percent
    others: dict = field(default_factory=dict)
    extended_to: date | None = None
    extended_on: date | None = None
    closed: date | None = None


@dataclass
class Supervision:
    row: int
    day: date
    kind: str
    task: str = ""
    section: str = ""


@dataclass
class Promotion:
    row: int
    day: date
    title: str
    level: str
    people: list
    sections: list


@dataclass
class Declaration:
    row: int
    subject: str
    code: str
    title: str
    level: str = ""
    quantity: Decimal = Decimal(1)
    document: str = ""
    document_on: date | None = None
    first_check: str = ""
    verified: str = ""


@dataclass
class Facts:
    reports: list = field(default_factory=list)
    leaves: list = field(default_factory=list)
    summaries: list = field(default_factory=list)
    sessions: list = field(default_factory=list)
    talks: list = field(default_factory=list)
    adoptions: list = field(default_factory=list)
    tasks: list = field(default_factory=list)
    supervisions: list = field(default_factory=list)
    promotions: list = field(default_factory=list)
    declarations: list = field(default_factory=list)
