"""What the platform itself says to people."""

from yanta.kernel.base import Actor
from yanta.kernel.events import on
from yanta.kernel.jobs.events import JobEnded
from yanta.kernel.notify.declare import template
from yanta.kernel.notify.sending import send

# Who still looks at the page after this long has seen the end; all others are told.
PATIENCE_SECONDS = 5

template("jobs.done", title="{{ title }}：已完成", body="{{ text }}", icon="circle-check")
template("jobs.failed", title="{{ title }}：没有完成", body="{{ error }}", icon="alert-triangle")


@on(JobEnded)
def tell_who_started(event: JobEnded, *, actor: Actor) -> None:
    wanted = event.state == "failed" or (event.state == "done" and event.seconds > PATIENCE_SECONDS)
    if event.person_id is not None and wanted:
        context = {"title": event.title, "text": event.text, "error": event.error}
        send(
            f"jobs.{event.state}",
            to=[event.person_id],
            context=context,
            link=f"/jobs/{event.run_id}/",
            once=str(event.run_id),
        )
