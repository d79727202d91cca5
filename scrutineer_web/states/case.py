"""The life of a sampled case."""

from django.utils.translation import gettext_lazy

from scrutineer_web.states.machine import Move, State, States

CASE = States(
    gettext_lazy("the case"),
    (
        State("sampled", gettext_lazy("Not yet allocated")),
        State("allocated", gettext_lazy("Allocated")),
        State("assessed", gettext_lazy("Assessed")),
        State("signed_off", gettext_lazy("Signed off")),
        State("substituted", gettext_lazy("Substituted")),
        State("set_aside", gettext_lazy("Set aside")),
    ),
    (
        Move("allocate", ("sampled", "allocated"), "allocated"),
        Move("take_back", ("allocated",), "sampled"),
        Move("complete", ("allocated", "assessed"), "assessed"),
        Move("return", ("assessed", "signed_off"), "allocated"),
        Move("sign_off", ("assessed",), "signed_off"),
        Move("set_aside", ("sampled",), "set_aside"),
        Move("substitute", ("sampled", "allocated"), "substituted"),
    ),
)

GONE = ("substituted", "set_aside")
"""The states of cases that are not inspected: a reserve replaces one, or the sample was drawn again."""
