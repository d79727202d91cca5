"""The life of a published recommendation, from the area's response to its closure."""

from django.utils.translation import gettext_lazy

from scrutineer_web.states.machine import Move, State, States

RECOMMENDATION = States(
    gettext_lazy("the recommendation"),
    (
        State("waiting", gettext_lazy("Awaiting a response")),
        State("answered", gettext_lazy("Answered")),
        State("under_way", gettext_lazy("Under way")),
        State("claimed", gettext_lazy("Reported complete")),
        State("closed", gettext_lazy("Closed")),
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
