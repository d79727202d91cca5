"""Work in the background: who holds it, what becomes of it where its holder is gone, how long it may take.

A holder of work says every few seconds that it is alive. Work is taken up again only where its holder was not heard
of for `LEASE`, or is known to have ended because it ran on this very machine.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks_db.models import DBTaskResult

from scrutineer.errors import Fault
from scrutineer_web.queries.operations.background import read_machine
from scrutineer_web.queries.operations.work import find_lasting
from scrutineer_web.safeguards import beats

ATTEMPTS = 3
"""Work that ends the worker so often is given up."""

KEPT = timedelta(days=2)
"""After so long finished work is forgotten: what it made is in the records."""

LEASE = timedelta(seconds=30)
"""A holder that was not heard of for so long has lost what it held."""


def _has_ended(name: str) -> bool:
    """Whether a holder ran on this machine and runs no more."""
    machine, _, rest = name.removeprefix(beats.HOLDER).partition("-")
    pid = rest.partition("-")[0]
    if not machine or machine != read_machine() or not pid:
        return False
    try:
        os.kill(int(pid, 16), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, ValueError):
        return False
    return False


def take_up() -> tuple[int, int]:
    """Work whose holder is gone (a power cut, an upgrade) waits again; what another process still does is left to it.

    Returns:
        how many wait again, and how many were given up.
    """
    again = given_up = 0
    running = list(DBTaskResult.objects.filter(status="RUNNING"))
    holders = {task.worker_ids[-1] for task in running if task.worker_ids}
    held = beats.list_alive(holders, now=timezone.now(), within=LEASE)
    for task in running:
        holder = task.worker_ids[-1] if task.worker_ids else ""
        if holder in held and not _has_ended(holder):
            continue
        if len(task.worker_ids) < ATTEMPTS:
            # Only as it was seen: another process may have taken it up in between.
            again += DBTaskResult.objects.filter(
                pk=task.pk, status="RUNNING", started_at=task.started_at
            ).update(status="READY", started_at=None)
        else:
            give_up(
                task=task,
                why=Fault(
                    "",
                    _("the server stopped each time it was being created"),
                    _("Ask the person who runs the server to look in its log"),
                ),
            )
            given_up += 1
    return again, given_up


def give_up(*, task: DBTaskResult[..., Any], why: Fault) -> None:
    """Give work up, and say so where people look for what they asked."""
    task.set_failed(RuntimeError(why.what))
    _tell(task.task_path, task.args_kwargs.get("args", []), why)


def put_back(*, task: DBTaskResult[..., Any]) -> None:
    """Let work wait again that this process had taken and not done."""
    DBTaskResult.objects.filter(pk=task.pk, status="RUNNING").update(
        status="READY", started_at=None, worker_ids=task.worker_ids[:-1]
    )


def _tell(path: str, args: list[int], why: Fault) -> None:
    """Where people look for what was asked, say that it could not be made."""
    # Imported where it is needed, which is seldom: with these comes the whole core.
    from scrutineer_web.actions.operations import jobs
    from scrutineer_web.records.job import Job

    lasting = find_lasting(path)
    if lasting is not None:
        sentence = str(why)
        lasting.give_up(args[0], sentence[:1].upper() + sentence[1:])
    elif path.rpartition(".")[2] == "run_job":
        jobs.give_up(job=Job.objects.get(pk=args[0]), faults=[why])


def tidy() -> None:
    """Forget finished work that is some days old, and processes that ended long ago."""
    from scrutineer_web.actions.operations import jobs

    jobs.forget_old()
    beats.forget(before=timezone.now() - KEPT)
    finished = DBTaskResult.objects.finished().filter(finished_at__lt=timezone.now() - KEPT)
    finished.delete()
