"""The life of a published recommendation, from the area's response to its closure."""

from scrutineer_web.states.machine import Move, State, States

RECOMMENDATION = States(
    "the recommendation",
    (
        State("waiting", "Awaiting a response"),
        State("answered", "Answered"),
        State("under_way", "Under way"),
        State("claimed", "Reported complete"),
        State("closed", "Closed"),
    ),
    (
        Move("respond", ("waiting", "answered"), "answered"),
        Move("respond", ("under_way",), "under_way"),
        Move("plan", ("answered", "under_way", "claimed"), "under_way"),
        Move("report", ("under_way", "claimed"), "under_way"),
        Move("claim", ("under_way", "claimed"), "claimed"),
        Move("find_wanting", ("answered", "under_way", "claimed", "closed"), "under_way"),
        Move("close", ("answered", "under_way", "claimed"), "closed"),
    ),
)
