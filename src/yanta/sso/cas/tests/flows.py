"""What a service does: send somebody to sign in, take the ticket, ask about it."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

from django.test import Client

from yanta.sso.applications.models import Decision

HERE = "https://lib.example/app/start?x=1"
SAML = """<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body>
<samlp:Request xmlns:samlp="urn:oasis:names:tc:SAML:1.0:protocol"><samlp:AssertionArtifact>{}</samlp:AssertionArtifact>
</samlp:Request></SOAP-ENV:Body></SOAP-ENV:Envelope>"""


def login(client: Client, url: str = HERE, **more: str):
    return client.get(f"/cas/login?{urlencode({'service': url, **more})}")


def ticket_of(answer) -> str:
    assert answer.status_code == 302, answer.content.decode()[:500]
    return parse_qs(urlsplit(answer.url).query)["ticket"][0]


def validated(path: str, ticket: str, url: str = HERE, **more: str) -> str:
    return (
        Client().get(f"/cas/{path}?{urlencode({'ticket': ticket, 'service': url, **more})}").content.decode()
    )


def last() -> Decision:
    return Decision.objects.order_by("-pk").first()
