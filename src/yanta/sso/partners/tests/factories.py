"""Partners for tests, and a partner's server that answers in the process."""

from __future__ import annotations

import json
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.utils import timezone
from jwcrypto import jwk, jwt

from yanta.sso.applications.tests import factories as sso
from yanta.sso.partners.models import Attempt, Link, Partner, Stay, Stranger
from yanta.sso.partners.rules import LOGOUT_EVENT
from yanta.sso.saml.tests.factories import pair

SID = "a-session-of-the-province"
ISSUER, CLIENT = "https://login.province.example", "yanta-client"
EXAMPLES = {
    Partner: lambda n: {
        "code": f"partner-{n}", "kind": "oidc", "issuer": f"https://partner{n}.example", "certificates": "", "linking": "self",
        "number_claim": "", "identity_claim": "", "sign_on_url": "", "unknown": "refuse", "scopes": "openid profile",
        "sign_off_url": "",
    },
    Stay: lambda n: {"key": f"key-{n}", "subject": f"subject-{n}", "told": "{}", "began_at": timezone.now()},
    Link: lambda n: {"subject": f"subject-{n}", "proof": "self"},
    Stranger: lambda n: {"subject": f"subject-{n}", "came_at": timezone.now()},
    Attempt: lambda n: {"digest": f"{n:064d}", "nonce": "x", "expires_at": timezone.now()},
}  # fmt: skip
_keys: dict[str, jwk.JWK] = {}


def key(name: str = "partner") -> jwk.JWK:
    if name not in _keys:
        _keys[name] = jwk.JWK.generate(kty="RSA", size=2048, kid=name, use="sig")
    return _keys[name]


def partner(kind: str = "oidc", code: str = "province", **given: Any) -> Partner:
    values: dict[str, Any] = {
        "name": "省教育厅统一认证", "owner": given.pop("owner", None) or sso.unit(), "issuer": ISSUER, "is_open": True,
        "client_id": CLIENT, "client_secret": "a-secret-of-the-partner",
    }  # fmt: skip
    if kind == "saml":
        values |= {
            "sign_on_url": f"{ISSUER}/sso",
            "sign_off_url": f"{ISSUER}/slo",
            "certificates": pair("idp")[1],
        }
    return Partner.objects.create(code=code, kind=kind, **(values | given))


class Server:
    """Answers what a partner's server would; `claims` and `signed_by` make it lie."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.signed_by, self.algorithm, self.published = "partner", "RS256", key()
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        self.answers: dict[str, bytes] = {}
        self.nonce = ""

    def __call__(self, method: str, url: str, **told: Any) -> bytes:
        self.asked.append((method, url, told))
        path = urlsplit(url).path
        if path in self.answers:
            return self.answers[path]
        return json.dumps(
            getattr(self, path.strip("/").replace("/", "_").replace(".", "").replace("-", "_"))()
        ).encode()

    def well_known_openid_configuration(self) -> dict[str, Any]:
        return {
            "issuer": ISSUER, "authorization_endpoint": f"{ISSUER}/authorize", "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/jwks", "end_session_endpoint": f"{ISSUER}/end",
        }  # fmt: skip

    def jwks(self) -> dict[str, Any]:
        return {"keys": [json.loads(self.published.export_public())]}

    def token(self) -> dict[str, Any]:
        now = int(timezone.now().timestamp())
        claims = {
            "iss": ISSUER, "aud": CLIENT, "sub": "subject-1", "nonce": self.nonce, "iat": now, "exp": now + 300, "name": "鹅",
            **self.claims,
        }  # fmt: skip
        return {
            "access_token": "x",
            "id_token": self.signed({name: one for name, one in claims.items() if one is not None}),
        }

    def logout_token(self, **changed: Any) -> str:
        """Keyword arguments make it lie; None leaves a claim out."""
        now = int(timezone.now().timestamp())
        claims = {
            "iss": ISSUER, "aud": CLIENT, "sub": "subject-1", "sid": SID, "iat": now, "exp": now + 120, "jti": secrets.token_hex(8),
            "events": {LOGOUT_EVENT: {}}, **changed,
        }  # fmt: skip
        return self.signed({name: one for name, one in claims.items() if one is not None})

    def signed(self, claims: dict[str, Any]) -> str:
        if self.algorithm == "HS256":
            secret = key().export_to_pem()
            signer = jwk.JWK(kty="oct", k=__import__("base64").urlsafe_b64encode(secret).decode().rstrip("="))
        else:
            signer = key(self.signed_by)
        token = jwt.JWT(header={"alg": self.algorithm, "kid": "partner"}, claims=claims)
        token.make_signed_token(signer)
        return str(token.serialize())


def asked_of(address: str) -> dict[str, str]:
    return {name: one[0] for name, one in parse_qs(urlsplit(address).query).items()}
