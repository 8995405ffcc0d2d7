"""A message of a service provider: whose it is, whether it is to be believed, and whether it came before."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings

from yanta.sso.saml import messages, rules
from yanta.sso.saml.bindings import Incoming
from yanta.sso.saml.documents import Fault
from yanta.sso.saml.models import Seen, ServiceProvider, SignOnRequest

# As long as a sign-in with second factor and consent may take.
WAITS = timedelta(minutes=15)
KEPT = timedelta(days=1)


def entity_id() -> str:
    return f"{settings.SITE_ADDRESS}/saml/metadata"


def here(name: str) -> str:
    return f"{settings.SITE_ADDRESS}/saml/{name}"


def digest_of(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def first_time(issuer: str, number: str, *, until: datetime) -> bool:
    """Whether this message is new; one insert decides, so that of two at once one loses."""
    _row, is_new = Seen.objects.get_or_create(
        digest=digest_of(issuer, number), defaults={"expires_at": until}
    )
    return is_new


def sender(incoming: Incoming) -> ServiceProvider:
    """The registered provider that the message says to be from."""
    issuer = messages.issuer_of(incoming.root)
    rows = ServiceProvider.objects.select_related("application__owner", "application__contact")
    found: ServiceProvider | None = rows.filter(entity_id=issuer).first()
    if found is None:
        raise Fault("issuer", f"这个应用没有登记：{issuer[:200]}")
    return found


def sign_on(
    incoming: Incoming, provider: ServiceProvider, *, at: datetime
) -> tuple[messages.AuthnRequest, str]:
    """The request, as far as it is proved, and where its answer goes."""
    root, certificates = incoming.root, provider.signing_certificates
    if certificates and incoming.is_signed:
        root = incoming.proved(certificates)
    elif provider.requires_signature:
        raise Fault("signature.missing", "这个应用的登录请求必须签名")
    asked = messages.authn_request(root)
    if asked.issuer != provider.entity_id:
        raise Fault("issuer", "签名的请求来自另一个应用")
    messages.check_destination(asked.destination, here=here("sso"), required=incoming.is_signed)
    messages.check_time(asked.issued_at, at=at)
    acs_url = rules.acs_for(provider.acs, url=asked.acs_url, index=asked.acs_index)
    if not first_time(provider.entity_id, asked.number, until=at + KEPT):
        raise Fault("replay", "同一个登录请求来了第二次，请从应用重新开始")
    return asked, acs_url


def keep(
    provider: ServiceProvider, *, acs_url: str, relay_state: str, name_format: str, at: datetime,
    asked: messages.AuthnRequest | None = None,
) -> str:  # fmt: skip
    """Remember the request over the pages in between; returns its handle, which is kept as a digest only."""
    handle = secrets.token_urlsafe(24)
    told = {} if asked is None else {
        "number": asked.number, "force": asked.force, "passive": asked.passive, "classes": list(asked.classes),
        "comparison": asked.comparison[:8],
    }  # fmt: skip
    SignOnRequest.objects.create(
        digest=digest_of(handle), provider=provider, acs_url=acs_url, relay_state=relay_state, name_format=name_format,
        expires_at=at + WAITS, **told,
    )  # fmt: skip
    return handle


def kept(handle: str) -> SignOnRequest | None:
    rows = SignOnRequest.objects.select_related(
        "provider__application__owner", "provider__application__contact"
    )
    found: SignOnRequest | None = rows.filter(digest=digest_of(handle)).first()
    return found


def use_up(request: SignOnRequest, *, at: datetime) -> bool:
    """Whether this call, and no other, answers the request."""
    return (
        SignOnRequest.objects.filter(pk=request.pk, used_at=None, expires_at__gt=at).update(used_at=at) == 1
    )


def clear_old(*, at: datetime) -> int:
    requests = SignOnRequest.objects.filter(expires_at__lte=at).delete()[0]
    return int(requests) + int(Seen.objects.filter(expires_at__lte=at).delete()[0])
