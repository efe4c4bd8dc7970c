from .evidence import EvidenceFile
from .innovation import Promotion, PromotionCredit
from .points import PointEntry, Quarter, QuarterMove
from .reports import DailyReport, Grade, ReportEvent, ReportLine, ReportPolicy
from .study import StudyMiss, StudySession, Talk
from .summaries import MonthlySummary
from .tasks import SupervisionNote, Task, TaskHandler
from .writing import CreditRole, Level, WritingCredit, WritingItem

__all__ = [
    "CreditRole",
    "DailyReport",
    "EvidenceFile",
    "Grade",
    "Level",
    "MonthlySummary",
    "PointEntry",
    "Promotion",
    "PromotionCredit",
    "Quarter",
    "QuarterMove",
    "ReportEvent",
    "ReportLine",
    "ReportPolicy",
    "StudyMiss",
    "StudySession",
    "SupervisionNote",
    "Talk",
    "Task",
    "TaskHandler",
    "WritingCredit",
    "WritingItem",
]
