"""What time it is, for what must not be public a moment too early.

The system's clock can be wrong: behind, and a report is dated before what it was made from; far ahead, and an embargo ends
before its day. The room's own clock process counts along with a clock that nobody sets, and says no more that it is
well once the two differ. What opens by time trusts the system's clock only as far as that process does.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer.inspection.dates import format_day
from scrutineer_web.records.beat import Beat
from scrutineer_web.records.event import Event
from scrutineer_web.safeguards import beats

AHEAD = timedelta(hours=1)
"""So much later than the clock process was last heard of, the system's clock is not believed."""

BEHIND = timedelta(minutes=5)
"""So much earlier than what was last recorded, it is not believed either."""


def find_trusted_now() -> datetime:
    """Now; where the system's clock is far ahead of the room's own, the moment when that was last heard of."""
    now = timezone.now()
    heard = _find_heard()
    # An embargo must not end because a clock jumped ahead: the earlier of the two moments can only publish later.
    return heard if heard is not None and now - heard > AHEAD else now


def refuse_wrong_clock() -> None:
    """Refuse what is dated by the system's clock, where that is wrong.

    Raises:
        UserError: it is behind what was last recorded, or far ahead of the room's own.
    """
    now, heard = timezone.now(), _find_heard()
    # By its number, not by its date: the order of writing is certain even where a clock was wrong.
    last = Event.objects.order_by("-id").values_list("happened_at", flat=True).first()
    where = _("the time")
    do = _("Ask the person who runs the server to check its clock and restart Scrutineer")
    if last is not None and last - now > BEHIND:
        what = _("the server's clock says %(now)s, but something was recorded at %(then)s")
        said = {"now": _describe_difference(now), "then": _describe_difference(last)}
        raise UserError(Fault(where, what % said, do))
    if heard is not None and now - heard > AHEAD:
        what = _("the server's clock says %(now)s, but Scrutineer's own clock was last right at %(then)s")
        said = {"now": _describe_difference(now), "then": _describe_difference(heard)}
        raise UserError(Fault(where, what % said, do))


def _find_heard() -> datetime | None:
    return Beat.objects.filter(name=beats.CLOCK).values_list("at", flat=True).first()


def _describe_difference(at: datetime) -> str:
    local = timezone.localtime(at)
    return _("%(time)s on %(day)s") % {"time": f"{local:%H:%M}", "day": format_day(local.date())}
