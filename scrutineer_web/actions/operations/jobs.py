"""Work that takes longer than a request may: asked for, done in the background, its outcome kept where it was asked.

A function of a screen's `jobs` module becomes a kind of work by `@work`, which says how long it may take. A job writes
nothing of its own into the records: whatever it does, it does by the actions, in the name of
the person who asked, with their permissions and their events.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer_web.audit.attempt import take_form_id
from scrutineer_web.queries.operations.jobs import AGAIN
from scrutineer_web.queries.operations.work import JobOutcome, Step, Work, collect_work
from scrutineer_web.records.job import Job

if TYPE_CHECKING:
    from scrutineer_web.records.inspection import Inspection
    from scrutineer_web.records.user import User

log = logging.getLogger("scrutineer")

MOST = 8
"""Pieces of work that one person may have waiting."""

KEPT = timedelta(days=2)
"""After so long a job that is over is forgotten; what it made is in the records."""


FETCHED = timedelta(hours=1)
"""So long a file that was made can be fetched."""


def ask(
    *,
    work: Work,
    title: str,
    by: User,
    inspection: Inspection | None = None,
    about: str = "",
    key: str = "",
    options: Mapping[str, Any] | None = None,
    upload: tuple[str, bytes] | None = None,
    back: str = "",
) -> Job:
    """Ask for a piece of work.

    Raises:
        UserError: the person has too much waiting already.
    """
    unfinished = Job.objects.filter(asked_by=by, state__in=("waiting", "doing"))
    if unfinished.count() >= MOST:
        what = _("%(most)s pieces of work that you asked for aren't finished yet") % {"most": MOST}
        raise UserError(Fault(_("your requests"), what, _("Wait until one of them is finished")))
    name, content = upload or ("", None)
    with transaction.atomic():
        if settings.JOBS_IN_BACKGROUND:
            # The form has done its work when the job is there: sent twice, it makes one.
            take_form_id()
        job = Job.objects.create(
            kind=work.name,
            title=title,
            inspection=inspection,
            about=about,
            key=key,
            options=dict(options or {}),
            name=name[:200],
            content=content,
            back=back[:300],
            asked_at=timezone.now(),
            asked_by=by,
        )
        if settings.JOBS_IN_BACKGROUND:
            # By its name: the task is in a layer above the actions, and calls them.
            import_string("scrutineer_web.running.jobs.run_job").using(queue_name=work.row).enqueue(job.pk)
    return job


def replace_waiting(*, work: Work, inspection: Inspection, about: str, by: User) -> None:
    """Let go what the same person asked of the same thing before and nobody has begun: a newer one takes its place."""
    Job.objects.filter(
        kind=work.name, inspection=inspection, about=about, asked_by=by, state="waiting"
    ).delete()


def forget_earlier(*, job: Job) -> None:
    """Forget what was found before of the same thing, once the person who asked for it has had time to fetch it.

    Two people look at one text, each with words of their own in it: were the other's preview forgotten as soon as one's own is
    there, each would have it made again before the other could see it, and neither ever would.
    """
    fetched = timezone.now() - AGAIN
    earlier = Job.objects.filter(kind=job.kind, inspection=job.inspection_id, about=job.about, pk__lt=job.pk)
    earlier.filter(state__in=("done", "failed"), finished_at__lt=fetched).delete()


def perform(*, job: Job) -> JobOutcome | None:
    """Do a piece of work; None where it is over already.

    Raises:
        UserError: it was refused; that is kept with it.
    """
    asked = collect_work()[job.kind]
    if job.state == "doing" and not asked.repeatable:
        give_up(job=job, faults=[_describe_interrupted()])
        return None
    if not Job.objects.filter(pk=job.pk, state__in=("waiting", "doing")).update(state="doing"):
        return None
    try:
        outcome = asked.do(job, _make_teller(job))
    except UserError as error:
        give_up(job=job, faults=error.faults)
        raise
    except PermissionDenied:
        give_up(job=job, faults=[_describe_refused()])
        raise
    except Exception as error:
        log.error("work in the background failed: %s (%s)", job.kind, type(error).__name__)
        give_up(job=job, faults=[_describe_broken()])
        raise
    name, content = outcome.file or ("", None)
    Job.objects.filter(pk=job.pk).update(
        state="done",
        progress=100,
        content=None,
        message=outcome.message,
        to=outcome.to,
        result=outcome.result,
        file=content,
        file_name=name,
        finished_at=timezone.now(),
        progress_note="",
    )
    return outcome


def _make_teller(job: Job) -> Step:
    def tell(percent: int, text: str) -> None:
        Job.objects.filter(pk=job.pk).update(progress=percent, progress_note=text)

    return tell


def _describe_broken() -> Fault:
    return Fault(
        _("the server"),
        _("something went wrong, and nothing was changed"),
        _("Try again. If it keeps happening, contact the person who runs the server"),
    )


def _describe_refused() -> Fault:
    return Fault(_("the work"), _("you no longer have permission to do this"), _("Ask the lead inspector"))


def _describe_interrupted() -> Fault:
    return Fault(
        _("the server"),
        _("it restarted before this was finished"),
        _("Check whether it was done. If it wasn't, try again"),
    )


def give_up(*, job: Job, faults: Sequence[Fault]) -> None:
    """Say that a piece of work could not be done, and why."""
    Job.objects.filter(pk=job.pk, state__in=("waiting", "doing")).update(
        state="failed",
        content=None,
        finished_at=timezone.now(),
        progress_note=" ".join(str(f) for f in faults),
        faults=[{"where": f.where, "what": f.what, "do": f.do} for f in faults],
    )


def forget_old() -> None:
    """Forget what is long over; files that were made to be fetched much sooner, for they hold what an inspection holds."""
    Job.objects.filter(finished_at__lt=timezone.now() - FETCHED, file__isnull=False).update(file=None)
    Job.objects.filter(finished_at__lt=timezone.now() - KEPT).delete()


def perform_here(*, job: Job) -> Job:
    """The same work, done at once where there is no background."""
    if not settings.JOBS_IN_BACKGROUND:
        with suppress(UserError):
            perform(job=job)
        job.refresh_from_db()
    return job
