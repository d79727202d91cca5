"""The life of one assessment of a case by one assessor."""

from scrutineer_web.states.machine import Move, State, States

ASSESSMENT = States(
    "the assessment",
    (
        State("not_started", "Not started"),
        State("in_progress", "In progress"),
        State("complete", "Complete"),
        State("queried", "Queried"),
        State("signed_off", "Signed off"),
        State("retired", "Retired"),
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
