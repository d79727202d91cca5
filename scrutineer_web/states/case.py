"""The life of a sampled case."""

from scrutineer_web.states.machine import Move, State, States

CASE = States(
    "the case",
    (
        State("sampled", "Not yet allocated"),
        State("allocated", "Allocated"),
        State("assessed", "Assessed"),
        State("signed_off", "Signed off"),
        State("substituted", "Substituted"),
        State("set_aside", "Set aside"),
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
