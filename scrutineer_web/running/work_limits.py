"""How long work in the background may take."""

from __future__ import annotations

from collections.abc import Mapping

from django_tasks_db.models import DBTaskResult


def find_limit(task: DBTaskResult) -> int:
    """How long a piece of work may take."""
    from scrutineer_web.actions.operations.jobs import KINDS
    from scrutineer_web.records.job import Job

    name, args = task.task_path.rpartition(".")[2], task.args_kwargs.get("args", [])
    if name == "run_job" and args:
        kind = Job.objects.filter(pk=args[0]).values_list("kind", flat=True).first()
        return KINDS[kind].seconds if kind in KINDS else OTHERS
    return SECONDS.get(name, OTHERS)


SECONDS: Mapping[str, int] = {"make_report": 900, "make_collected": 900, "search_timetable": 900}
"""How long work with a record of its own may take; what is asked as a job says so in its own table."""


OTHERS = 120
