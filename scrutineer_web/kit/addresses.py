"""The parts that addresses are put together from; none holds anything of a case but its number."""

from django.urls import register_converter

from scrutineer_web.kit.numbers import Number

register_converter(Number, "number")

INSPECTION = "inspections/<number:inspection>/"
CASE = "cases/<number:case>/"
ASSESSMENT = "assessments/<number:assessment>/"
PIECE = "evidence/<number:piece>/"
TEXT = f"{INSPECTION}report/texts/<path:place>/"
WANTED = "recommendations/<number:recommendation>/"
ISSUE = "issues/<number:issue>/"
CHECK = "checks/<number:check_of>/"
ACTION = "actions/<number:action>/"
PUBLIC = "reports/<slug:slug>/"
PROGRAMME = "programmes/<number:programme>/"
PLACE = "places/<number:planned>/"
COLLECTED = "collected/<number:collected>/"
COMMENT = "comments/<number:comment_on>/"
