"""The states of an inspection, of a case and of an assessment: one table each."""

from scrutineer_web.states.assessment import ASSESSMENT
from scrutineer_web.states.case import CASE
from scrutineer_web.states.inspection import INSPECTION

__all__ = ["ASSESSMENT", "CASE", "INSPECTION"]
