"""What is given out ends with the application."""

from yanta.kernel.base import Actor
from yanta.kernel.events import on
from yanta.sso.applications.events import ApplicationDisabled
from yanta.sso.scim.models import Target


@on(ApplicationDisabled)
def stop_telling(event: ApplicationDisabled, *, actor: Actor) -> None:
    Target.objects.filter(application=event.application_id).update(is_on=False)
