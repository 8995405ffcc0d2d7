"""A client's side of the flows, without a library."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.test import Client as Browser
from jwcrypto import jwk, jwt

from yanta.sso.applications.models import Decision
from yanta.sso.oidc.tests.factories import BACK, SECRET

VERIFIER = "v" * 60
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


def ask(browser: Browser, **more: Any) -> Any:
    asked = {
        "client_id": "library", "redirect_uri": BACK, "response_type": "code", "scope": "openid profile", "state": "s1",
        "nonce": "n1", "code_challenge": CHALLENGE, "code_challenge_method": "S256",
    } | more  # fmt: skip
    kept = {name: value for name, value in asked.items() if value is not None}
    return browser.get(f"/oidc/authorize?{urlencode(kept)}")


def told(answer: Any) -> dict[str, str]:
    """What came back to the client."""
    assert answer.status_code == 302, answer.content.decode()[:800]
    assert answer.url.startswith(BACK), answer.url
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.url).query).items()}


def post(path: str, *, basic: tuple[str, str] | None = ("library", SECRET), **body: Any) -> Any:
    headers = {}
    if basic:
        headers["Authorization"] = "Basic " + base64.b64encode(":".join(basic).encode()).decode()
    kept = {name: value for name, value in body.items() if value is not None}
    return Browser().post(
        f"/oidc/{path}", urlencode(kept), content_type="application/x-www-form-urlencoded", headers=headers
    )


def exchange(code: str, **more: Any) -> Any:
    basic = more.pop("basic", ("library", SECRET))
    asked = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
    } | more
    return post("token", basic=basic, **asked)


def tokens(browser: Browser, **more: Any) -> dict[str, Any]:
    answer = exchange(told(ask(browser, **more))["code"])
    assert answer.status_code == 200, answer.content
    given: dict[str, Any] = json.loads(answer.content)
    return given


def refresh(token: str, **more: Any) -> Any:
    return post("token", grant_type="refresh_token", refresh_token=token, **more)


def userinfo(token: str) -> Any:
    return Browser().get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"})


def claims(token: str) -> dict:
    """Read as a client reads: by the published keys."""
    published = jwk.JWKSet.from_json(Browser().get("/oidc/jwks").content.decode())
    return json.loads(jwt.JWT(jwt=token, key=published, algs=["RS256", "ES256"]).claims)


def last() -> Decision:
    return Decision.objects.order_by("-pk").first()
