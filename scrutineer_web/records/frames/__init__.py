"""The only translator between records and the core: rows to frames, bytes and values, and back."""

from scrutineer_web.records.frames.cases import (
    Read,
    answers_in,
    blank_codes,
    case_fields,
    cases_of,
    frame_of,
    places,
    row_of,
    weights_now,
    with_code,
)
from scrutineer_web.records.frames.evidence import evidence_of, judged
from scrutineer_web.records.frames.programme import calendar_of, profile_for, profile_of_area
from scrutineer_web.records.frames.stored import (
    arrangements_of,
    dates_of,
    days_of,
    manifest_of,
    plan_of,
    profile_of,
    record_of,
    surveys_of,
)

__all__ = [
    "Read",
    "answers_in",
    "arrangements_of",
    "blank_codes",
    "calendar_of",
    "case_fields",
    "cases_of",
    "dates_of",
    "days_of",
    "evidence_of",
    "frame_of",
    "judged",
    "manifest_of",
    "places",
    "plan_of",
    "profile_for",
    "profile_of",
    "profile_of_area",
    "record_of",
    "row_of",
    "surveys_of",
    "weights_now",
    "with_code",
]
