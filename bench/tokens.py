"""Ticket validations and token issues: the whole application called in one process and one thread, beside Keycloak.

Each call goes through the WSGI application with every middleware, PostgreSQL on the same machine included. `per_second` is
by the wall clock (the database's work counts), `per_core_second` by the processor time of the web process alone.
"""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

WARM, ROUNDS = 40, 600
# Published sizing of Keycloak: requests per second that one vCPU serves.
KEYCLOAK = {"client_credentials": 120, "refresh": 120}
SERVICE = "https://bench.example/app"
SECRET = "a-secret-of-the-bench-with-forty-characters"


def run(*, address: str) -> dict[str, Any]:
    from yanta.config.wsgi import application

    ticket, refresh = _prepared()
    figures = {
        "cas_validation": _measured(application, _validations(ticket)),
        "client_credentials": _measured(application, _credentials()),
        "refresh": _refreshed(application, refresh),
    }
    for name, figure in figures.items():
        figure["keycloak_per_vcpu"] = KEYCLOAK.get(name, "not published")
    return {"how": "WSGI application in process, one thread, PostgreSQL on the same machine", **figures}


def _prepared() -> tuple[Callable[[], str], str]:
    """An application, somebody signed in, a way to get tickets and a first refresh token."""
    from django.utils import timezone

    from yanta.kernel.identity.models import Account, Session
    from yanta.kernel.organisation.models import OrgUnit
    from yanta.kernel.people.models import Affiliation, Person
    from yanta.sso.applications.models import Application, AttributeRelease, SsoSession
    from yanta.sso.applications.public import Admitted, Holder
    from yanta.sso.cas import tickets
    from yanta.sso.cas.models import CasService, Ticket
    from yanta.sso.oidc import issuing
    from yanta.sso.oidc.models import Client

    unit = OrgUnit.add_root(code="B000", name="信息中心", kind="office")
    person = Person.objects.create(number="B00000001", name="雁小塔", home_unit=unit)
    Affiliation.objects.create(person=person, role="staff", number="B0001", org_unit=unit)
    account = Account.objects.create(username="bench", name="雁小塔", person=person, state="active")
    now = timezone.now()
    end = now + timedelta(hours=12)
    row = Session.objects.create(
        key_digest="0" * 64, account=account, seen_at=now, expires_at=end, ends_at=end
    )
    session = SsoSession.objects.create(sid="bench", account=account, session_id=row.pk)
    app = Application.objects.create(
        code="bench", name="试验", summary="试验", home_url=SERVICE, owner=unit, contact_words="-", state="active",
        audience="everyone", asking="never",
    )  # fmt: skip
    for attribute in ("name", "staff_number", "unit_code", "affiliation"):
        AttributeRelease.objects.create(application=app, attribute=attribute, purpose="试验")
    CasService.objects.create(application=app, url=SERVICE)
    client = Client.objects.create(
        application=app, client_id="bench", client_secret=SECRET, uses_client_credentials=True, redirect_uris=f"{SERVICE}/in",
        scopes="openid profile offline_access", algorithm="RS256",
    )  # fmt: skip
    admitted = Admitted(account, Holder(account, now.date()), session, now, is_fresh=False)
    pair = issuing.pair_for(client, account, ["openid", "profile"], issuing.entry_for(session, client), now)
    return lambda: tickets.issue(Ticket.Kind.SERVICE, SERVICE, admitted, app), pair["refresh_token"]


def _environ(method: str, path: str, query: str = "", body: bytes = b"") -> dict[str, Any]:
    basic = base64.b64encode(f"bench:{SECRET}".encode()).decode()
    return {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80",
        "HTTP_HOST": "127.0.0.1", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(), "wsgi.multithread": False, "wsgi.multiprocess": False,
        "wsgi.run_once": False, "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "REMOTE_ADDR": "127.0.0.1", "HTTP_AUTHORIZATION": f"Basic {basic}" if body else "",
    }  # fmt: skip


def _call(application: Any, environ: dict[str, Any]) -> bytes:
    told: list[str] = []
    answer = application(environ, lambda status, headers, info=None: told.append(status))
    content = b"".join(answer)
    answer.close()
    assert told[0].startswith("200"), (told, content[:300])
    return content


def _validations(ticket: Callable[[], str]) -> Iterator[dict[str, Any]]:
    """Tickets are issued beforehand: what is measured is their validation."""
    issued = [ticket() for _ in range(WARM + ROUNDS)]
    for one in issued:
        yield _environ("GET", "/cas/p3/serviceValidate", urlencode({"ticket": one, "service": SERVICE}))


def _credentials() -> Iterator[dict[str, Any]]:
    body = urlencode({"grant_type": "client_credentials"}).encode()
    for _ in range(WARM + ROUNDS):
        yield _environ("POST", "/oidc/token", body=body)


def _measured(application: Any, calls: Iterator[dict[str, Any]]) -> dict[str, Any]:
    environs = list(calls)
    for environ in environs[:WARM]:
        _call(application, environ)
    began, processor = time.perf_counter(), time.process_time()
    for environ in environs[WARM:]:
        _call(application, environ)
    return _figures(time.perf_counter() - began, time.process_time() - processor)


def _refreshed(application: Any, token: str) -> dict[str, Any]:
    """Each refresh brings the token for the next, and an ID token signed with RS256."""
    began = processor = 0.0
    for number in range(WARM + ROUNDS):
        if number == WARM:
            began, processor = time.perf_counter(), time.process_time()
        body = urlencode({"grant_type": "refresh_token", "refresh_token": token}).encode()
        token = json.loads(_call(application, _environ("POST", "/oidc/token", body=body)))["refresh_token"]
    return _figures(time.perf_counter() - began, time.process_time() - processor)


def _figures(wall: float, processor: float) -> dict[str, Any]:
    return {
        "per_second": round(ROUNDS / wall, 1),
        "per_core_second": round(ROUNDS / processor, 1),
        "ms_processor_each": round(processor / ROUNDS * 1000, 2),
    }
