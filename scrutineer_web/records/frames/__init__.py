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
    "add_code",
    "answers_in",
    "blank_codes",
    "calendar_of",
    "cases_of",
    "collect_case_fields",
    "collect_places",
    "days_of",
    "find_record",
    "frame_of",
    "judge",
    "make_arrangements",
    "make_dates",
    "make_evidence",
    "make_manifest",
    "make_plan",
    "make_surveys",
    "profile_for",
    "profile_of",
    "profile_of_area",
    "row_of",
    "weights_now",
]
