"""The phases of an inspection, from its folder to settled scores."""

from scrutineer_web.states.machine import Move, State, States

INSPECTION = States(
    "the inspection",
    (
        State("preparation", "Preparation"),
        State("sampled", "Sampled"),
        State("fieldwork", "Fieldwork"),
        State("moderation", "Moderation"),
        State("signed_off", "Signed off"),
    ),
    (
        Move("sample", ("preparation", "sampled"), "sampled"),
        Move("start_fieldwork", ("sampled",), "fieldwork"),
        Move("start_moderation", ("fieldwork",), "moderation"),
        Move("return_to_fieldwork", ("moderation",), "fieldwork"),
        Move("sign_off", ("moderation",), "signed_off"),
        Move("reopen", ("signed_off",), "moderation"),
    ),
)
