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
    with_code,
)
from scrutineer_web.records.frames.evidence import evidence_of, judged
from scrutineer_web.records.frames.report import (
    bound,
    figures_for,
    look,
    people_of,
    recommendations_of,
    text_of,
    whole,
)
from scrutineer_web.records.frames.scores import elements, loaded, scored, shelf
from scrutineer_web.records.frames.stored import (
    arrangements_of,
    dates_of,
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
    "bound",
    "case_fields",
    "cases_of",
    "dates_of",
    "elements",
    "evidence_of",
    "figures_for",
    "frame_of",
    "judged",
    "loaded",
    "look",
    "manifest_of",
    "people_of",
    "places",
    "plan_of",
    "profile_of",
    "recommendations_of",
    "record_of",
    "row_of",
    "scored",
    "shelf",
    "surveys_of",
    "text_of",
    "whole",
    "with_code",
]
