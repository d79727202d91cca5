"""Numbers for the person who monitors the room, as Prometheus reads them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Count, Max, Min
from django.utils import timezone
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

ANSWERED = Histogram(
    "scrutineer_answer_seconds",
    "How long answers took",
    ("route", "method", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


class RoomMetrics:
    """What the room's records say."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Inspections by phase, answers, events, waiting work, beats, the age of the oldest waiting work."""
        from django_tasks_db.models import DBTaskResult

        from scrutineer_web.records.beat import Beat
        from scrutineer_web.records.event import Event
        from scrutineer_web.records.inspection import Inspection
        from scrutineer_web.safeguards.beats import CLOCK, JOBS

        phases = Inspection.objects.filter(retired_at=None).values_list("state").annotate(n=Count("id"))
        yield _make_gauge("scrutineer_inspections", "Inspections by phase", "phase", phases)
        # Events are only ever added, so that the last number is how many there are: counting them would take long.
        last = Event.objects.aggregate(last=Max("id"))["last"] or 0
        yield GaugeMetricFamily("scrutineer_events", "Events recorded", value=last)
        tasks = DBTaskResult.objects.values_list("status").annotate(n=Count("id"))
        yield _make_gauge(
            "scrutineer_tasks",
            "Work in the background by status",
            "status",
            [(str(s).lower(), n) for s, n in tasks],
        )
        now = timezone.now()
        oldest = DBTaskResult.objects.filter(status="READY").aggregate(at=Min("enqueued_at"))["at"]
        age = (now - oldest).total_seconds() if oldest else 0
        yield GaugeMetricFamily(
            "scrutineer_oldest_waiting_task_seconds", "How long work has been waiting", value=age
        )
        beats = [(b.name, (now - b.at).total_seconds()) for b in Beat.objects.filter(name__in=(CLOCK, JOBS))]
        yield _make_gauge(
            "scrutineer_beat_age_seconds", "Seconds since a part of Scrutineer last reported", "part", beats
        )


def _make_gauge(
    name: str, description: str, label: str, rows: Iterable[tuple[Any, float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, description, labels=[label])
    for key, value in rows:
        family.add_metric([str(key)], value)
    return family


def write_metrics() -> bytes:
    """Everything, of all processes together."""
    registry = CollectorRegistry()
    registry.register(RoomMetrics())
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library leaves it without types
    else:
        registry.register(ANSWERED)
    return generate_latest(registry)
