"""Starting, running and ending jobs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from procrastinate.contrib.django import app

from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import publish
from yanta.kernel.jobs.declare import Job, job_named
from yanta.kernel.jobs.progress import Cancelled, Display, Progress, words_for

if TYPE_CHECKING:
    from yanta.kernel.jobs.models import JobRun

log = logging.getLogger(__name__)
TASK = "jobs.run"


def start(job: Job, *, actor: Actor, **params: Any) -> JobRun:
    """Queue a run in the current transaction; it begins when, and only when, that commits."""
    run = _new_run(job, actor, params)
    run.save()
    app.configure_task(TASK, queue=job.queue).defer(run_id=run.pk)
    return run


def run_now(job: Job, *, actor: Actor, display: Display | None = None, **params: Any) -> JobRun:
    """Run here and wait, as the command line does; failures are raised after they were noted down."""
    run = _new_run(job, actor, params)
    run.save()
    error = execute(run.pk, display=display, actor=actor)
    run.refresh_from_db()
    if error is not None:
        raise error
    return run


def cancel(run: JobRun, *, actor: Actor) -> None:
    """Ask a run to stop; one that has not begun never will."""
    from yanta.kernel.jobs.models import JobRun

    if run.account_id != actor.account_id and not actor.may("jobs.jobrun.cancel"):
        raise Refused("只能取消自己发起的任务")
    waiting = JobRun.objects.filter(pk=run.pk, state=JobRun.State.WAITING)
    waiting.update(state=JobRun.State.CANCELLED, ended_at=timezone.now(), cancel_requested=True)
    JobRun.objects.filter(pk=run.pk, state=JobRun.State.RUNNING).update(cancel_requested=True)
    run.refresh_from_db()


def execute(run_id: int, *, display: Display | None = None, actor: Actor | None = None) -> Exception | None:
    """Run what was queued; returns the error it failed with. A run that has ended is left alone."""
    run = _begun(run_id)
    if run is None:
        return None
    progress = Progress(run_id=run.pk, display=display, checkpoint=run.checkpoint)
    progress.done, progress.total = run.done, run.total
    try:
        _call(run, progress, actor or actor_of_run(run))
    except Cancelled:
        _end(run, progress, "cancelled")
    except Exception as error:
        if not isinstance(error, Refused):
            log.exception("job %s #%s failed", run.name, run.pk)
        _end(run, progress, "failed", error)
        return error
    else:
        _end(run, progress, "done")
    finally:
        progress.close()
    return None


def actor_of_run(run: JobRun) -> Actor:
    """The actor of the run with the rights of now: who lost a right since starting it has lost it here too."""
    from yanta.kernel.access.actors import actor_of

    if run.account_id is None:
        return Actor.system(run.actor_name.removeprefix("system:"))
    account = get_user_model()._default_manager.get(pk=run.account_id)
    return actor_of(account, acting_as=run.acting_as)


def _new_run(job: Job, actor: Actor, params: dict[str, Any]) -> JobRun:
    from yanta.kernel.jobs.models import JobRun

    roles = {grant.role for grant in actor.grants}
    return JobRun(
        name=job.name,
        title=job.title,
        params=job.to_json(params),
        account_id=actor.account_id,
        person_id=actor.person_id,
        actor_name=actor.name,
        acting_as=roles.pop() if len(roles) == 1 else "",
    )


def _begun(run_id: int) -> JobRun | None:
    from yanta.kernel.jobs.models import JobRun

    with transaction.atomic():
        run = JobRun.objects.select_for_update().filter(pk=run_id).exclude(state__in=JobRun.ENDED).first()
        if run is None:
            return None
        run.state, run.attempts = JobRun.State.RUNNING, run.attempts + 1
        run.started_at = run.started_at or timezone.now()
        run.save(update_fields=["state", "attempts", "started_at", "updated_at"])
    return run


def _call(run: JobRun, progress: Progress, actor: Actor) -> None:
    job = job_named(run.name)
    if job is None:
        raise LookupError(f"no job is called {run.name}")
    job.function(progress, actor=actor, **job.from_json(run.params))


def _end(run: JobRun, progress: Progress, state: str, error: Exception | None = None) -> None:
    from yanta.kernel.jobs.events import JobEnded
    from yanta.kernel.jobs.models import JobRun

    words = words_for(error) if error else ""
    now = timezone.now()
    with transaction.atomic():
        JobRun.objects.filter(~Q(state__in=JobRun.ENDED), pk=run.pk).update(
            state=state, ended_at=now, done=progress.done, total=progress.total, text=progress.text[:300],
            checkpoint=progress.checkpoint, result=progress.result, link=progress.link, error=words, updated_at=now,
        )  # fmt: skip
        seconds = (now - run.started_at).total_seconds() if run.started_at else 0.0
        publish(JobEnded(run.pk, state, run.title, run.person_id, seconds, progress.text, words))
