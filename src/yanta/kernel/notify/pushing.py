"""Messages to browsers (RFC 8030, 8291, 8292): who allowed it, the school's key, sending, forgetting who left."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.notify import gateways

if TYPE_CHECKING:
    from yanta.kernel.notify.models import PushSubscription

# The services behind the browsers; an address of any other host is refused, for our server would call it.
SERVICES = (
    "fcm.googleapis.com", "updates.push.services.mozilla.com", "notify.windows.com", "push.apple.com",
    "push.services.mozilla.com", "hicloud.com",
)  # fmt: skip
GONE = (404, 410)
SECONDS = 10
KEPT_SECONDS = 24 * 3600
TEXT_LENGTH = 300
DEVICES = 10
SIMULATED = "simulated:"


def key_path() -> Path:
    return Path(settings.HOME) / "push-key.pem"


@lru_cache(maxsize=4)
def _key(path: str) -> ec.EllipticCurvePrivateKey:
    try:
        pem = Path(path).read_bytes()
    except FileNotFoundError:
        pem = _made(Path(path))
    loaded = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(loaded, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{path} holds no key of an elliptic curve")
    return loaded


def _made(path: Path) -> bytes:
    """The key of this installation, made once; whole on disk before anybody subscribes under it."""
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as kept:
        kept.write(pem)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first
    finally:
        draft.unlink()
    return path.read_bytes()


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def public_key() -> str:
    """What browsers subscribe under."""
    point = serialization.PublicFormat.UncompressedPoint
    return _base64(_key(str(key_path())).public_key().public_bytes(serialization.Encoding.X962, point))


def _private_key() -> str:
    number = _key(str(key_path())).private_numbers().private_value
    return _base64(number.to_bytes(32, "big"))


def subscribed(people: Collection[int]) -> set[int]:
    from yanta.kernel.notify.models import PushSubscription

    return set(PushSubscription.objects.filter(person_id__in=people).values_list("person_id", flat=True))


def _allowed(endpoint: str) -> bool:
    if endpoint.startswith(SIMULATED):
        return gateways.is_simulating()
    parts = urlsplit(endpoint)
    hosts = (*SERVICES, *getattr(settings, "PUSH_SERVICES", ()))
    host = parts.hostname or ""
    known = any(host == one or host.endswith(f".{one}") for one in hosts)
    return parts.scheme == "https" and parts.port in (None, 443) and known


def subscribe(told: Any, *, device: str, actor: Actor) -> PushSubscription:
    """What a browser says after the person agreed: `{"endpoint", "keys": {"p256dh", "auth"}}`."""
    from yanta.kernel.notify.models import PushSubscription

    endpoint, public, secret = _read(told)
    if actor.person_id is None:
        raise Refused("这个账号没有对应的人员，不能接收推送", rule="notify.push")
    PushSubscription.objects.filter(endpoint=endpoint).delete()
    made: PushSubscription = PushSubscription.objects.create(
        person_id=actor.person_id, endpoint=endpoint, public=public, secret=secret, device=device[:120]
    )
    kept = PushSubscription.objects.filter(person_id=actor.person_id).values_list("pk", flat=True)[:DEVICES]
    PushSubscription.objects.filter(person_id=actor.person_id).exclude(pk__in=list(kept)).delete()
    return made


def _read(told: Any) -> tuple[str, str, str]:
    try:
        endpoint, keys = str(told["endpoint"]), told["keys"]
        public, secret = str(keys["p256dh"]), str(keys["auth"])
        point = base64.urlsafe_b64decode(public + "=" * (-len(public) % 4))
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except (KeyError, TypeError, ValueError):
        raise Refused("浏览器给出的订阅不完整，请重新开启", rule="notify.push") from None
    if len(endpoint) > 700 or len(secret) > 40 or not _allowed(endpoint):
        raise Refused("这个推送服务不在学校允许的范围内", rule="notify.push")
    return endpoint, public, secret


def unsubscribe(key: int, *, actor: Actor) -> None:
    from yanta.kernel.notify.models import PushSubscription

    PushSubscription.objects.filter(pk=key, person_id=actor.person_id or 0).delete()


def push(person_id: int, title: str, text: str, link: str) -> None:
    """To every browser of the person; enough that one took it. A browser that left is forgotten."""
    from yanta.kernel.notify.models import PushSubscription

    told = json.dumps({"title": title, "text": text[:TEXT_LENGTH], "link": link}, ensure_ascii=False)
    errors: list[Exception] = []
    taken = 0
    for row in PushSubscription.objects.filter(person_id=person_id):
        try:
            taken += _sent(row, told, title)
        except (gateways.NotSentError, OSError) as error:
            errors.append(error)
    if not taken:
        raise errors[0] if errors else gateways.NotSentError("没有可用的浏览器，订阅都已失效")


def _sent(row: PushSubscription, told: str, title: str) -> bool:
    if row.endpoint.startswith(SIMULATED):
        gateways.Simulator("push").send(row.device, title, json.loads(told)["link"])
        return True
    status = _posted(row, told)
    if status in GONE:
        row.delete()
        return False
    if status >= 400:
        raise gateways.NotSentError(f"推送服务回答 {status}")
    row.used_at = timezone.now()
    row.save(update_fields=["used_at", "updated_at"])
    return True


def _posted(row: PushSubscription, told: str) -> int:
    from pywebpush import WebPushException, webpush  # type: ignore[import-untyped]  # brings no types

    known = {"endpoint": row.endpoint, "keys": {"p256dh": row.public, "auth": row.secret}}
    claims: dict[str, str | int] = {"sub": f"mailto:{settings.DEFAULT_FROM_EMAIL}"}
    try:
        answer = webpush(
            known,
            told,
            vapid_private_key=_private_key(),
            vapid_claims=claims,
            ttl=KEPT_SECONDS,
            timeout=SECONDS,
        )
    except WebPushException as error:
        if error.response is None:
            raise gateways.NotSentError(str(error)[:200]) from error
        return int(error.response.status_code)
    return int(getattr(answer, "status_code", 0))
