"""The states of an inspection, of a case, of an assessment and of a recommendation: one table each."""

from scrutineer_web.states.assessment import ASSESSMENT
from scrutineer_web.states.case import CASE
from scrutineer_web.states.inspection import INSPECTION
from scrutineer_web.states.recommendation import RECOMMENDATION

__all__ = ["ASSESSMENT", "CASE", "INSPECTION", "RECOMMENDATION"]
