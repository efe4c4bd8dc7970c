from .appointment import Appointment
from .audit import AuditEntry
from .calendar import CalendarDay
from .deputation import Deputation
from .job import Job, RequestKey
from .leave import LeaveRequest
from .notice import Notice
from .organisation import Branch, Section, Unit
from .regulation import (
    Clause,
    ReadingSection,
    ReadReceipt,
    Regulation,
    RegulationArea,
    RegulationVersion,
)
from .roster import RosterUpload
from .staff import Absence, BranchMembership, SectionMembership, Staff
from .standing import Kinship, Restriction
from .star import Star

__all__ = [
    "Absence",
    "Appointment",
    "AuditEntry",
    "Branch",
    "BranchMembership",
    "CalendarDay",
    "Clause",
    "Deputation",
    "Job",
    "Kinship",
    "LeaveRequest",
    "Notice",
    "ReadReceipt",
    "ReadingSection",
    "Regulation",
    "RegulationArea",
    "RegulationVersion",
    "RequestKey",
    "Restriction",
    "RosterUpload",
    "Section",
    "SectionMembership",
    "Staff",
    "Star",
    "Unit",
]
