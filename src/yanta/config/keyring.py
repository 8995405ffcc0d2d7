"""Every key of the installation in one list: what for, how old, when due, and how it is changed."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from yanta.config import environment

Report = Callable[[int, int, str], None]
Clock = Callable[[], datetime | None]


class NotHereError(Exception):
    """This key is not kept where the command could change it; the text says what to do instead."""


@dataclass(frozen=True)
class Holder:
    """One kind of key. `rotate` answers what was done; None where people decide, and `how` says where."""

    name: str
    purpose: str
    every: timedelta
    made_at: Clock
    rotate: Callable[[Report], str] | None
    overlap: str
    how: str = ""

    def due_on(self) -> datetime | None:
        made = self.made_at()
        return made + self.every if made else None


def holders() -> list[Holder]:
    """In the order in which they are changed: nothing of a later one depends on an earlier one."""
    year = timedelta(days=365)
    return [
        Holder("oidc", "ID tokens and tokens of OpenID Connect", timedelta(days=90), _oidc_made, _rotate_oidc,
               "the next key is published beforehand, the last one for two days"),
        Holder("saml", "SAML assertions and metadata", 2 * year, _saml_made, _rotate_saml,
               "the next certificate is published beforehand, the last one for 30 days"),
        Holder("signing", "receipts, snapshots and packages to other nodes", year, _signing_made, _rotate_signing,
               "the old key endorses the new one; its public half verifies for ever"),
        Holder("session", "links, trusted devices and text codes", year, _session_made, _rotate_session,
               f"the old key is accepted for {environment.SECRET_OVERLAP.days} days"),
        Holder("data", "sensitive values at rest", year, _data_made, _rotate_data,
               "every value says which generation opens it; all are sealed anew"),
        Holder("seals", "authority and clock of electronic seals", 5 * year, _seals_made, None,
               "certificates are renewed beside the old ones",
               how="renewed by people: 电子印章与签名 › 证书 › 更新"),
        Holder("push", "messages to browsers (VAPID)", 5 * year, _push_made, None,
               "none: browsers subscribe under one key",
               how="remove push-key.pem from YANTA_HOME and restart; everybody allows messages anew"),
    ]  # fmt: skip


def _oidc_made() -> datetime | None:
    from yanta.sso.oidc.models import SigningKey

    return _first(
        SigningKey.objects.filter(state="current").order_by("since").values_list("since", flat=True)
    )


def _rotate_oidc(step: Report) -> str:
    from yanta.sso.oidc import keys

    return ", ".join(f"{key.algorithm} {key.kid}" for key in keys.rotate())


def _saml_made() -> datetime | None:
    from yanta.sso.saml.models import SamlKey

    return _first(SamlKey.objects.filter(state="current").values_list("since", flat=True))


def _rotate_saml(step: Report) -> str:
    from yanta.sso.saml import keys

    return str(keys.rotate().fingerprint)


def _signing_made() -> datetime | None:
    from yanta.kernel.base import signatures

    return _written_at(max(signatures.folder().glob("[0-9]*.json"), default=None))


def _rotate_signing(step: Report) -> str:
    from yanta.kernel.base import signatures

    key = signatures.rotate()
    return f"{key.algorithm} {key.key_id}"


def _session_made() -> datetime | None:
    return None if environment.text("SECRET_KEY") else _written_at(environment.home() / "secret-key")


def _rotate_session(step: Report) -> str:
    if environment.text("SECRET_KEY"):
        raise NotHereError(
            "the environment gives it: set YANTA_SECRET_KEY to a new value, YANTA_SECRET_KEY_FALLBACKS to the old one, restart"
        )
    environment.rotate_secret_key()
    return "restart web and background work, one after another, before the next rotation"


def _data_made() -> datetime | None:
    from yanta.kernel.base import datakeys

    return datakeys.made_at(datakeys.current())


def _rotate_data(step: Report) -> str:
    from yanta.kernel.base import datakeys

    generation = datakeys.begin_next()
    return f"generation {generation}; {reseal(step)}. Back up {datakeys.folder()}, apart from the data"


def reseal(step: Report) -> str:
    """What stands under earlier generations, sealed anew; started again after a kill it does the rest."""
    from yanta.kernel.base import resealing

    counted = resealing.reseal(step)
    return f"{counted.resealed + _reseal_factors()} values sealed anew"


def _reseal_factors() -> int:
    """Second factors are kept by a library, in JSON."""
    from allauth.mfa.models import Authenticator

    from yanta.kernel.base import ciphers, datakeys

    count = 0
    for factor in Authenticator.objects.filter(type__in=["totp", "recovery_codes"]).iterator():
        changed = False
        for name, value in factor.data.items():
            sealed = _sealed(value)
            if sealed and ciphers.generation_of(sealed) != datakeys.current():
                factor.data[name] = base64.b64encode(ciphers.seal(ciphers.unseal(sealed))).decode()
                changed, count = True, count + 1
        if changed:
            Authenticator.objects.filter(pk=factor.pk).update(data=factor.data)
    return count


def _sealed(value: object) -> bytes | None:
    from yanta.kernel.base import ciphers

    try:
        found = base64.b64decode(str(value), validate=True)
        ciphers.unseal(found)
    except ValueError:
        return None
    return found


def _seals_made() -> datetime | None:
    from yanta.sso.seals.models import Certificate

    current = Certificate.objects.filter(kind__in=["root", "issuing", "clock"], state="issued")
    return _first(current.order_by("valid_from").values_list("valid_from", flat=True))


def _push_made() -> datetime | None:
    from yanta.kernel.notify import pushing

    return _written_at(pushing.key_path())


def _first(times: object) -> datetime | None:
    return next(iter(times), None)  # type: ignore[call-overload]  # a queryset of instants


def _written_at(path: Path | None) -> datetime | None:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC) if path and path.exists() else None
