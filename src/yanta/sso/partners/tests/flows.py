"""The ways in and out as a browser goes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from yanta.sso.applications.models import Decision
from yanta.sso.partners.models import Attempt
from yanta.sso.partners.tests import factories as there
from yanta.sso.saml import assertions, names
from yanta.sso.saml.documents import written
from yanta.sso.saml.tests import factories as peer

PASSWORD = "Yanta-2026-goose"
ACS, OURS = (
    "http://127.0.0.1:8000/partners/province/acs",
    "http://127.0.0.1:8000/partners/province/metadata",
)
TICKET = "ST-1-of-a-length-that-nobody-guesses"
CAS_ANSWER = (
    '<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas"><cas:authenticationSuccess><cas:user>subject-1</cas:user>'
    "<cas:attributes><cas:name>鹅</cas:name></cas:attributes></cas:authenticationSuccess></cas:serviceResponse>"
)


def begun(client: Client, server: there.Server | None = None, code: str = "province") -> dict[str, str]:
    """What the partner is asked by the browser."""
    answer = client.get(f"/partners/{code}/start?next=/account/")
    assert answer.status_code == 302, answer.content.decode()[:400]
    asked = there.asked_of(answer.url)
    if server is not None:
        server.nonce = asked.get("nonce", "")
    return asked


def back(client: Client, server: there.Server, code: str = "province", **changed: str):
    asked = begun(client, server, code)
    return client.get(f"/partners/{code}/callback", {"code": "c", "state": asked["state"], **changed})


def back_by_cas(client: Client, server: there.Server, answer: str = CAS_ANSWER, ticket: str = TICKET):
    server.answers["/p3/serviceValidate"] = answer.encode()
    state = there.asked_of(begun(client)["service"])["state"]
    return client.get("/partners/province/callback", {"ticket": ticket, "state": state})


def asserted(
    client: Client, *, key: str = "idp", whole: bool = False, later: timedelta = timedelta(), **changed: Any
) -> tuple[Any, str]:
    """A partner's response to a request that this browser started; keyword arguments make it lie."""
    asked = begun(client)
    number = f"_{Attempt.objects.order_by('-pk').first().nonce}"
    told = {
        "issuer": there.ISSUER, "audience": OURS, "recipient": ACS, "at": timezone.now() + later, "in_response_to": number,
    }  # fmt: skip
    envelope = assertions.Envelope(**{**told, **{name: one for name, one in changed.items() if name in told}})
    about = assertions.About(
        assertions.Name("subject-1", changed.get("format", names.PERSISTENT)),
        timezone.now(),
        names.PASSWORD,
        changed.get("index", "i"),
    )
    private = assertions.Key(*peer.pair(key))
    made = assertions.success(about, envelope, private, signs_assertion=not whole, signs_response=whole)
    return made, asked["RelayState"]


def sent(client: Client, response: Any, state: str):
    """The form comes from another site and so without a cookie; the browser then comes again with it."""
    form = {"SAMLResponse": peer.posted(written(response)), "RelayState": state}
    answer = Client().post("/partners/province/acs", form)
    return client.get(answer.url) if answer.status_code == 303 else answer


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def last_decision() -> Decision:
    return Decision.objects.order_by("-pk").first()


def refused(client: Client, answer: Any, rule: str) -> None:
    found = last_decision()
    assert answer.status_code == 403
    assert (found.protocol, found.outcome, found.rule) == ("partner", "refused", rule), found.reason
    assert not is_in(client)
