"""Our keys in SAML: one signs, the next is published beforehand, the last one stays published a while."""

from __future__ import annotations

import time
from datetime import timedelta
from threading import Lock

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from yanta.sso.saml.assertions import Key
from yanta.sso.saml.models import SamlKey

State = SamlKey.State
KEPT_SECONDS = 30.0
# Federations fetch metadata once a day; whoever pasted it once has had the next key since then.
RETIRED_SHOWN = timedelta(days=30)
_LASTS = timedelta(days=3650)
_lock = Lock()
_current: list[tuple[float, Key]] = []


def current() -> Key:
    """The key that signs; read once in half a minute, so that every process follows a rotation."""
    with _lock:
        if _current and _current[0][0] > time.monotonic():
            return _current[0][1]
    stored = _stored(State.CURRENT)
    key = Key(str(stored.private), stored.certificate)
    with _lock:
        _current[:] = [(time.monotonic() + KEPT_SECONDS, key)]
    return key


def forget() -> None:
    """Read the keys anew."""
    with _lock:
        _current.clear()


def _stored(state: State) -> SamlKey:
    found = SamlKey.objects.filter(state=state).first()
    if found is None:
        _make_missing()
        found = SamlKey.objects.get(state=state)
    return found


def _make_missing() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('saml.keys'))")
        for state in (State.CURRENT, State.NEXT):
            if not SamlKey.objects.filter(state=state).exists():
                _new(state)


def _new(state: State) -> SamlKey:
    private = rsa.generate_private_key(65537, 2048)
    host = settings.SITE_ADDRESS.partition("://")[2].partition(":")[0][:64]
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)]), timezone.now()
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1)).not_valid_after(now + _LASTS)
        .sign(private, hashes.SHA256())
    )  # fmt: skip
    return SamlKey.objects.create(
        fingerprint=made.fingerprint(hashes.SHA256()).hex(), state=state,
        private=private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        certificate=made.public_bytes(Encoding.PEM).decode(),
    )  # fmt: skip


def published() -> list[str]:
    """Certificates in metadata: what signs now, what will sign next, what signed until lately."""
    _stored(State.NEXT)
    shown = SamlKey.objects.exclude(state=State.RETIRED, since__lt=timezone.now() - RETIRED_SHOWN)
    order = {State.CURRENT: 0, State.NEXT: 1, State.RETIRED: 2}
    return [one.certificate for one in sorted(shown, key=lambda one: (order[State(one.state)], -one.pk))]


def openers() -> list[str]:
    """Private keys that may open what was encrypted for a published certificate."""
    shown = SamlKey.objects.exclude(state=State.RETIRED, since__lt=timezone.now() - RETIRED_SHOWN)
    return [str(one.private) for one in shown]


def rotate() -> SamlKey:
    """The published next key signs from now on; a new next one is published. Returns what signs now."""
    _make_missing()
    now = timezone.now()
    with transaction.atomic():
        SamlKey.objects.filter(state=State.RETIRED, since__lt=now - RETIRED_SHOWN).delete()
        SamlKey.objects.filter(state=State.CURRENT).update(state=State.RETIRED, since=now)
        SamlKey.objects.filter(state=State.NEXT).update(state=State.CURRENT, since=now)
        _new(State.NEXT)
    forget()
    return SamlKey.objects.get(state=State.CURRENT)
