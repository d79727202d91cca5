"""The only translator between records and the core: rows to frames, bytes and values, and back."""

from scrutineer_web.records.frames.cases import (
    Read,
    add_code,
    answers_in,
    blank_codes,
    cases_of,
    collect_case_fields,
    collect_places,
    frame_of,
    row_of,
    weights_now,
)
from scrutineer_web.records.frames.evidence import judge, make_evidence
from scrutineer_web.records.frames.programme import calendar_of, profile_for, profile_of_area
from scrutineer_web.records.frames.stored import (
    days_of,
    find_record,
    make_arrangements,
    make_dates,
    make_manifest,
    make_plan,
    make_surveys,
    profile_of,
)

__all__ = [
    "Read",
    "answers_in",
    "make_arrangements",
    "blank_codes",
    "calendar_of",
    "collect_case_fields",
    "cases_of",
    "make_dates",
    "days_of",
    "make_evidence",
    "frame_of",
    "judge",
    "make_manifest",
    "collect_places",
    "make_plan",
    "profile_for",
    "profile_of",
    "profile_of_area",
    "find_record",
    "row_of",
    "make_surveys",
    "weights_now",
    "add_code",
]
