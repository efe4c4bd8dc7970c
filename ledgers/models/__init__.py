from .circulars import Circular, CircularPart, Naming
from .evidence import EvidenceFile
from .innovation import Innovation, Promotion, PromotionCredit
from .lists import MonthlyList, MonthlyListLine
from .plans import Meeting, PlanItem, PlanPaper, Suggestion
from .points import PointEntry, Quarter, QuarterMove
from .records import LedgerMove, Paper
from .reports import DailyReport, Grade, ReportEvent, ReportLine, ReportPolicy
from .sheets import LineSource, SheetLine, WeeklySheet, WorkReport
from .study import RatingEnvelope, StudyMiss, StudySession, Talk
from .summaries import MonthlySummary
from .supervision import (
    Closing,
    Escalation,
    Extension,
    LightPolicy,
    PassingOn,
    Progress,
    SupervisionNote,
)
from .tasks import Milestone, Task, TaskHandler
from .writing import CreditRole, Level, WritingCredit, WritingItem

__all__ = [
    "Circular",
    "CircularPart",
    "Closing",
    "CreditRole",
    "DailyReport",
    "Escalation",
    "EvidenceFile",
    "Extension",
    "Grade",
    "Innovation",
    "LedgerMove",
    "Level",
    "LightPolicy",
    "LineSource",
    "Meeting",
    "Milestone",
    "MonthlyList",
    "MonthlyListLine",
    "MonthlySummary",
    "Naming",
    "Paper",
    "PassingOn",
    "PlanItem",
    "PlanPaper",
    "PointEntry",
    "Progress",
    "Promotion",
    "PromotionCredit",
    "Quarter",
    "QuarterMove",
    "RatingEnvelope",
    "ReportEvent",
    "ReportLine",
    "ReportPolicy",
    "SheetLine",
    "StudyMiss",
    "StudySession",
    "Suggestion",
    "SupervisionNote",
    "Talk",
    "Task",
    "TaskHandler",
    "WeeklySheet",
    "WorkReport",
    "WritingCredit",
    "WritingItem",
]
