"""What was given out ends with what it was given for."""

from yanta.kernel.base import Actor
from yanta.kernel.events import on
from yanta.sso.applications.events import ApplicationDisabled, ConsentWithdrawn
from yanta.sso.oidc import issuing


@on(ApplicationDisabled)
def end_tokens_of_application(event: ApplicationDisabled, *, actor: Actor) -> None:
    issuing.end_tokens(application__application_id=event.application_id)


@on(ConsentWithdrawn)
def end_tokens_of_person(event: ConsentWithdrawn, *, actor: Actor) -> None:
    issuing.end_tokens(application__application_id=event.application_id, user_id=event.account_id)
