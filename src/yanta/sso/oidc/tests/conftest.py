"""Keys, somebody who is signed in, a client."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.test import Client as Browser
from jwcrypto import jwk

from yanta.sso.applications.tests import factories as sso
from yanta.sso.oidc import keys
from yanta.sso.oidc.models import (
    SigningKey,
)
from yanta.sso.oidc.tests.factories import client


@pytest.fixture(scope="session")
def two_pairs():
    """Made once: a key of 2048 bits takes a while."""
    return {
        "RS256": [rsa.generate_private_key(65537, 2048) for _ in range(2)],
        "ES256": [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)],
    }


@pytest.fixture(autouse=True)
def _keys(db, two_pairs):
    keys.forget()
    for algorithm, pair in two_pairs.items():
        for key, state in zip(pair, ("current", "next"), strict=True):
            pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            kid = jwk.JWK.from_pem(pem).thumbprint()
            SigningKey.objects.create(kid=kid, algorithm=algorithm, private=pem.decode(), state=state)
    yield
    keys.forget()


@pytest.fixture
def someone(client: Browser):  # the browser
    account = sso.account(username="goose", name="鹅")
    client.force_login(account)
    return account


@pytest.fixture
def library():
    made = client()
    sso.released(made.application, "name", "email")
    sso.released(made.application, "phone")
    return made
