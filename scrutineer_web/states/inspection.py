"""The phases of an inspection, from its folder to its last recommendation."""

from scrutineer_web.states.machine import Move, State, States

INSPECTION = States(
    "the inspection",
    (
        State("preparation", "Preparation"),
        State("sampled", "Sampled"),
        State("fieldwork", "Fieldwork"),
        State("moderation", "Moderation"),
        State("signed_off", "Signed off"),
        State("accuracy", "Factual accuracy check"),
        State("final", "Final report"),
        State("approved", "Approved"),
        State("published", "Published"),
        State("closed", "Closed"),
    ),
    (
        Move("sample", ("preparation", "sampled"), "sampled"),
        Move("start_fieldwork", ("sampled",), "fieldwork"),
        Move("start_moderation", ("fieldwork",), "moderation"),
        Move("return_to_fieldwork", ("moderation",), "fieldwork"),
        Move("sign_off", ("moderation",), "signed_off"),
        Move("reopen", ("signed_off",), "moderation"),
        Move("send_draft", ("signed_off",), "accuracy"),
        Move("end_check", ("accuracy",), "final"),
        Move("check_again", ("final",), "accuracy"),
        Move("approve", ("final",), "approved"),
        Move("withdraw_approval", ("approved",), "final"),
        Move("publish", ("approved",), "published"),
        Move("correct", ("published",), "final"),
        Move("close", ("published",), "closed"),
    ),
)

SETTLED = ("signed_off", "accuracy", "final", "approved", "published", "closed")
"""The phases in which the scores are settled; an answer is then changed by a correction alone."""

WRITING = ("preparation", "sampled", "fieldwork", "moderation", "signed_off", "accuracy", "final")
"""The phases in which evidence, ratings and texts are worked on."""
