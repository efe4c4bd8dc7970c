from .points import PointEntry, Quarter
from .reports import DailyReport, ReportEvent, ReportLine, ReportPolicy

__all__ = [
    "DailyReport",
    "PointEntry",
    "Quarter",
    "ReportEvent",
    "ReportLine",
    "ReportPolicy",
]
