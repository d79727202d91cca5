"""The life of one assessment of a case by one assessor."""

from django.utils.translation import gettext_lazy

from scrutineer_web.states.machine import Move, State, States

ASSESSMENT = States(
    gettext_lazy("the assessment"),
    (
        State("not_started", gettext_lazy("Not started")),
        State("in_progress", gettext_lazy("In progress")),
        State("complete", gettext_lazy("Complete")),
        State("queried", gettext_lazy("Queried")),
        State("signed_off", gettext_lazy("Signed off")),
        State("retired", gettext_lazy("Retired")),
    ),
    (
        Move("answer", ("not_started", "in_progress"), "in_progress"),
        Move("answer", ("queried",), "queried"),
        Move("complete", ("not_started", "in_progress", "queried"), "complete"),
        Move("query", ("complete",), "queried"),
        Move("reopen", ("complete", "signed_off"), "in_progress"),
        Move("sign_off", ("complete",), "signed_off"),
        Move("retire", ("not_started", "in_progress", "complete", "queried"), "retired"),
    ),
)

ANSWERABLE = ("not_started", "in_progress", "queried")
"""The states in which answers are taken."""
