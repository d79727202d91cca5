"""Parts of an inspection that are stored as the core writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scrutineer.fieldwork.sampling.record import SampleRecord
from scrutineer.fieldwork.timetabling.arrangements import Arrangements
from scrutineer.fieldwork.timetabling.timetable import TimetablePlan
from scrutineer.inspection.area import AreaProfile
from scrutineer.inspection.dates import Dates
from scrutineer.inspection.manifest import Manifest
from scrutineer.inspection.surveys import Surveys
from scrutineer_web.records.inspection import Inspection


def make_manifest(inspection: Inspection) -> Manifest:
    """What the inspection is."""
    return Manifest.model_validate(inspection.manifest)


def read_profile(inspection: Inspection) -> AreaProfile:
    """The area's profile."""
    return AreaProfile.model_validate(inspection.profile)


def make_dates(inspection: Inspection) -> Dates:
    """The days that are set."""
    return read_days(inspection.dates)


def read_days(stored: dict[str, Any]) -> Dates:
    """The days that are set, as they are stored."""
    return Dates.model_validate(stored)


def make_surveys(inspection: Inspection) -> Surveys:
    """What was asked of service users and others."""
    return Surveys.model_validate(inspection.surveys)


def find_record(inspection: Inspection) -> SampleRecord | None:
    """The sample's record; None while none is drawn."""
    return None if inspection.sample is None else SampleRecord.model_validate(inspection.sample)


def make_arrangements(stored: Mapping[str, Any]) -> Arrangements:
    """Days, slots and people of a timetable."""
    return Arrangements.model_validate(stored)


def make_plan(stored: Mapping[str, Any]) -> TimetablePlan:
    """A timetable."""
    return TimetablePlan.model_validate(stored)
