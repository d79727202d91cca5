"""How long work in the background may take."""

from __future__ import annotations

from typing import Any

from django_tasks_db.models import DBTaskResult


def find_limit(task: DBTaskResult[..., Any]) -> int:
    """How long a piece of work may take."""
    from scrutineer_web.queries.operations.work import collect_work, find_lasting
    from scrutineer_web.records.job import Job

    name, args = task.task_path.rpartition(".")[2], task.args_kwargs.get("args", [])
    if name == "run_job" and args:
        kind = Job.objects.filter(pk=args[0]).values_list("kind", flat=True).first()
        known = collect_work()
        return known[kind].seconds if kind is not None and kind in known else OTHERS
    lasting = find_lasting(task.task_path)
    return lasting.seconds if lasting is not None else OTHERS


OTHERS = 120
