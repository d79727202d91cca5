"""The phases of an inspection, from its folder to its last recommendation."""

from django.utils.translation import gettext_lazy

from scrutineer_web.states.machine import Move, State, States

INSPECTION = States(
    gettext_lazy("the inspection"),
    (
        State("preparation", gettext_lazy("Preparation")),
        State("sampled", gettext_lazy("Sampled")),
        State("fieldwork", gettext_lazy("Fieldwork")),
        State("moderation", gettext_lazy("Moderation")),
        State("signed_off", gettext_lazy("Signed off")),
        State("accuracy", gettext_lazy("Factual accuracy check")),
        State("final", gettext_lazy("Final report")),
        State("approved", gettext_lazy("Approved")),
        State("published", gettext_lazy("Published")),
        State("closed", gettext_lazy("Closed")),
    ),
    (
        Move("sample", ("preparation", "sampled"), "sampled"),
        Move("start_fieldwork", ("sampled", "preparation"), "fieldwork"),
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
