"""The keys that sign, and reading back what they signed: never by another algorithm than the key's own."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from threading import Lock
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.db import connection, transaction
from django.utils import timezone
from jwcrypto import jwk, jws, jwt
from jwcrypto.common import JWException

from yanta.sso.oidc.models import Client, SigningKey

KEPT_SECONDS = 30.0
# As long as anything that was signed may still be looked at.
RETIRED_SHOWN = timedelta(days=2)
State = SigningKey.State
_lock = Lock()
_current: dict[str, tuple[float, jwk.JWK]] = {}


def sign(claims: dict[str, Any], algorithm: str, *, kind: str = "JWT") -> str:
    key = _current_key(algorithm)
    token = jwt.JWT(header={"alg": algorithm, "typ": kind, "kid": key["kid"]}, claims=claims)
    token.make_signed_token(key)
    return str(token.serialize())


def _current_key(algorithm: str) -> jwk.JWK:
    """Read once in half a minute, so that every process follows a rotation."""
    with _lock:
        kept = _current.get(algorithm)
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]
    key = _jwk(_stored(algorithm, State.CURRENT))
    with _lock:
        _current[algorithm] = (time.monotonic() + KEPT_SECONDS, key)
    return key


def forget() -> None:
    """Read the keys anew."""
    with _lock:
        _current.clear()


def _stored(algorithm: str, state: State) -> SigningKey:
    found = SigningKey.objects.filter(algorithm=algorithm, state=state).first()
    if found is None:
        _make_missing()
        found = SigningKey.objects.get(algorithm=algorithm, state=state)
    return found


def _make_missing() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('oidc.signing_keys'))")
        for algorithm in Client.Algorithm.values:
            for state in (State.CURRENT, State.NEXT):
                if not SigningKey.objects.filter(algorithm=algorithm, state=state).exists():
                    _new(algorithm, state)


def _new(algorithm: str, state: State) -> SigningKey:
    made: Any = (
        rsa.generate_private_key(65537, 2048)
        if algorithm == "RS256"
        else ec.generate_private_key(ec.SECP256R1())
    )
    pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    kid = jwk.JWK.from_pem(pem).thumbprint()
    return SigningKey.objects.create(kid=kid, algorithm=algorithm, private=pem.decode(), state=state)


def _jwk(stored: SigningKey) -> jwk.JWK:
    key = jwk.JWK.from_pem(str(stored.private).encode())
    key.update({"kid": stored.kid, "use": "sig", "alg": stored.algorithm})
    return key


def published() -> dict[str, Any]:
    """The key set: what signs now, what will sign next, what signed until lately."""
    for algorithm in Client.Algorithm.values:
        _stored(algorithm, State.NEXT)
    shown = SigningKey.objects.exclude(state=State.RETIRED, since__lt=timezone.now() - RETIRED_SHOWN)
    return {"keys": [json.loads(_jwk(one).export_public()) for one in shown.order_by("pk")]}


def rotate() -> list[SigningKey]:
    """The published next keys sign from now on; new next ones are published. Returns what signs now."""
    _make_missing()
    now = timezone.now()
    with transaction.atomic():
        SigningKey.objects.filter(state=State.RETIRED, since__lt=now - RETIRED_SHOWN).delete()
        SigningKey.objects.filter(state=State.CURRENT).update(state=State.RETIRED, since=now)
        SigningKey.objects.filter(state=State.NEXT).update(state=State.CURRENT, since=now)
        for algorithm in Client.Algorithm.values:
            _new(algorithm, State.NEXT)
    forget()
    return list(SigningKey.objects.filter(state=State.CURRENT))


def claims_of(token: str, *, audience: str = "") -> dict[str, Any] | None:
    """What a token of ours says, also when its time is over; None when we did not sign it, with this key, this way."""
    read = jws.JWS()
    try:
        read.deserialize(token)
        header = read.jose_header
        stored = SigningKey.objects.filter(kid=str(header.get("kid", ""))[:43]).first()
        if stored is None or header.get("alg") != stored.algorithm or header.get("typ") != "JWT":
            return None
        read.allowed_algs = [stored.algorithm]
        read.verify(_jwk(stored))
        claims = json.loads(read.payload)
    except (JWException, ValueError, TypeError, AttributeError):
        return None
    return claims if not audience or claims.get("aud") == audience else None
