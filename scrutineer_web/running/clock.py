"""The room's clock: every minute it says that it works, and at a time of the day it has reminders sent.

python -m scrutineer_web.running.clock
"""

from __future__ import annotations

import logging
import time
from datetime import datetime

import django

ROUND = 60.0
LEAP = 600.0
"""Seconds by which the system's clock may differ from one that nobody sets before this one falls silent."""

HOURS = range(7, 18)
"""The hours of the day in which people are reminded."""


def tick(now: datetime, done: datetime | None) -> datetime | None:
    """One round.

    Args:
        now: here and now.
        done: when reminders were last asked for.

    Returns:
        the same, after this round.
    """
    from scrutineer_web.running import jobs
    from scrutineer_web.safeguards import beats

    beats.beat(name=beats.CLOCK)
    jobs.heard.enqueue()
    # Each hour, though each is done once a day: a machine that was off in the morning catches up.
    if now.hour in HOURS and (done is None or (done.date(), done.hour) != (now.date(), now.hour)):
        jobs.remind.enqueue()
        jobs.tidy.enqueue()
        jobs.anchor.enqueue()
        return now
    return done


def keep_steady() -> float:
    """Seconds on a clock that nobody sets, and that goes on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def has_leapt(begun: tuple[float, float], now: tuple[float, float]) -> bool:
    """Whether the system's clock has gone further since this one began than time has.

    Args:
        begun: the system's clock and the steady one, as this one began.
        now: both, now.
    """
    # Only ahead. A clock that is behind is noticed by the dates of
    # events (see `safeguards/moment.py`).
    return (now[0] - begun[0]) - (now[1] - begun[1]) > LEAP


def main() -> None:
    """Go on for ever; a database that is away for a while stops nothing."""
    django.setup()
    from django.db import DatabaseError, close_old_connections
    from django.utils import timezone

    from scrutineer_web.kit.pulse import Pulse

    pulse = Pulse.own()
    if pulse is not None:
        # From a thread, because a round is longer than the server waits for a sign of life.
        pulse.keep_beating()
    done: datetime | None = None
    # Never taken again: after a leap, only a restart makes this clock trust the system's.
    begun = (time.time(), keep_steady())
    while True:
        try:
            if has_leapt(begun, (time.time(), keep_steady())):
                # It says no more that it is well: embargoes hold, and nothing is published, until somebody has looked.
                logging.getLogger(__name__).error(
                    "the system's clock has jumped ahead; nothing is opened by time"
                )
            else:
                done = tick(timezone.localtime(), done)
        except DatabaseError as error:
            logging.getLogger(__name__).warning("the clock's round failed", exc_info=error)
            close_old_connections()
        time.sleep(ROUND)


if __name__ == "__main__":
    from scrutineer_web.kit import private
    from scrutineer_web.kit.parent import end_with_parent

    end_with_parent()
    private.keep()
    main()
