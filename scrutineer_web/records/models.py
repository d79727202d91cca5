"""Every model, for Django to find."""

from scrutineer_web.records.accuracy import AccuracyCheck, AccuracyComment, Correction
from scrutineer_web.records.action_plan import PlannedAction, ProgressReport, Response, Verification
from scrutineer_web.records.adjudication import Adjudication
from scrutineer_web.records.answer import Answer
from scrutineer_web.records.appointment import Appointment
from scrutineer_web.records.area import Area, Family
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.beat import Beat
from scrutineer_web.records.blob import Blob
from scrutineer_web.records.case import Case
from scrutineer_web.records.caseload import CaseloadFile
from scrutineer_web.records.collected import CollectedFile, CollectedReport
from scrutineer_web.records.comment import Comment
from scrutineer_web.records.conflict import Conflict
from scrutineer_web.records.device import Device, Held
from scrutineer_web.records.document import Document
from scrutineer_web.records.event import Chain, Event
from scrutineer_web.records.framework_text import FrameworkText
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.generation import Generation
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.issue import Issue, IssueFile
from scrutineer_web.records.job import Job
from scrutineer_web.records.judgement import Judgement
from scrutineer_web.records.named import NamedElsewhere
from scrutineer_web.records.outcome import Outcome
from scrutineer_web.records.participant import Participant
from scrutineer_web.records.piece import Piece
from scrutineer_web.records.programme import PlannedInspection, Programme, Tranche
from scrutineer_web.records.recommendation import Recommendation
from scrutineer_web.records.reminder import Reminder
from scrutineer_web.records.result import Result
from scrutineer_web.records.submission import KeptForm, Submission
from scrutineer_web.records.text import Text
from scrutineer_web.records.timetable import Timetable
from scrutineer_web.records.token import Token
from scrutineer_web.records.upload import Upload
from scrutineer_web.records.user import User

__all__ = [
    "AccuracyCheck",
    "AccuracyComment",
    "Adjudication",
    "Answer",
    "Appointment",
    "Area",
    "Assessment",
    "Beat",
    "Blob",
    "Case",
    "CaseloadFile",
    "Chain",
    "CollectedFile",
    "CollectedReport",
    "Comment",
    "Conflict",
    "Correction",
    "Device",
    "Document",
    "Event",
    "Family",
    "FrameworkText",
    "FrameworkVersion",
    "Generation",
    "Held",
    "Inspection",
    "Issue",
    "IssueFile",
    "Job",
    "Judgement",
    "KeptForm",
    "NamedElsewhere",
    "Outcome",
    "Participant",
    "Piece",
    "PlannedAction",
    "PlannedInspection",
    "Programme",
    "ProgressReport",
    "Recommendation",
    "Reminder",
    "Response",
    "Result",
    "Submission",
    "Text",
    "Timetable",
    "Token",
    "Tranche",
    "Upload",
    "User",
    "Verification",
]
