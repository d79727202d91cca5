"""The only translator between records and the core: rows to frames, bytes and values, and back."""

from scrutineer_web.records.frames.cases import (
    Read,
    add_code,
    calculate_weights,
    collect_case_fields,
    collect_places,
    make_blank_codes,
    make_frame,
    make_row,
    read_answers,
    read_cases_of,
)
from scrutineer_web.records.frames.evidence import judge, make_evidence
from scrutineer_web.records.frames.programme import make_calendar, make_profile_for, read_area_profile
from scrutineer_web.records.frames.stored import (
    find_record,
    make_arrangements,
    make_dates,
    make_manifest,
    make_plan,
    make_surveys,
    read_days,
    read_profile,
)

__all__ = [
    "Read",
    "add_code",
    "calculate_weights",
    "collect_case_fields",
    "collect_places",
    "find_record",
    "judge",
    "make_arrangements",
    "make_blank_codes",
    "make_calendar",
    "make_dates",
    "make_evidence",
    "make_frame",
    "make_manifest",
    "make_plan",
    "make_profile_for",
    "make_row",
    "make_surveys",
    "read_answers",
    "read_area_profile",
    "read_cases_of",
    "read_days",
    "read_profile",
]
