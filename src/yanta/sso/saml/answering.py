"""What a service provider is told of somebody who was admitted."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from yanta.kernel.identity import factors
from yanta.kernel.identity.models import Account
from yanta.sso.applications import public as sso
from yanta.sso.applications.catalogue import ATTRIBUTES
from yanta.sso.saml import assertions, keys, messages, names
from yanta.sso.saml.arriving import entity_id
from yanta.sso.saml.assertions import About, Envelope, Name, Told
from yanta.sso.saml.documents import Element
from yanta.sso.saml.models import FORMATS, Asserted, ServiceProvider, SignOnRequest
from yanta.sso.saml.rules import certificates_of

TWO_FACTORS = frozenset({"factor", "text", "passkey"})
Signing, NameFormat, Profile = ServiceProvider.Signing, ServiceProvider.NameFormat, ServiceProvider.Profile


def context_of(method: str, admitted: sso.Admitted) -> str:
    """How somebody signed in, in SAML's words: a confirmation just now counts with the factor that it asked for."""
    if method in TWO_FACTORS or (admitted.is_fresh and factors.is_enrolled(admitted.account)):
        return names.MFA
    return names.PASSWORD if settings.SITE_ADDRESS.startswith("https") else f"{names.CLASS}Password"


def name_for(provider: ServiceProvider, account: Account, name_format: str) -> Name:
    """A name that other applications cannot compare, unless this one is registered for numbers."""
    if name_format == NameFormat.PERSISTENT:
        value = sso.pairwise_id(provider.application, account)
    elif name_format == NameFormat.TRANSIENT:
        value = f"_{secrets.token_hex(20)}"
    else:
        value = sso.subject_for(provider.application, account)
    qualified = name_format != NameFormat.UNSPECIFIED
    return Name(
        value, FORMATS[NameFormat(name_format)], entity_id() if qualified else "", provider.entity_id if qualified else ""
    )  # fmt: skip


def attributes_for(provider: ServiceProvider, account: Account) -> list[Told]:
    """What policy releases, under the names of the profile; what has no standard name keeps its short one."""
    holder = sso.Holder(account, timezone.localdate())
    releases = {one.attribute: one.alias for one in sso.releases_of(provider.application)}
    told = []
    for code, value in sso.values_for(holder, releases).items():
        values, known = value if isinstance(value, list) else [value], ATTRIBUTES[code]
        if releases[code] or provider.profile == Profile.PLAIN or not known.oid:
            told.append(Told(releases[code] or known.cas, values, is_uri=False))
        else:
            told.append(Told(known.oid, values, known.friendly or known.cas))
    if provider.profile == Profile.EDU:
        targeted = name_for(provider, account, NameFormat.PERSISTENT)
        told.append(Told(names.TARGETED_ID, [targeted], "eduPersonTargetedID"))
    return told


def success(request: SignOnRequest, admitted: sso.Admitted, *, context: str) -> Element:
    """The signed response, and the entry by which its holder signs out again."""
    provider, now = request.provider, timezone.now()
    name = name_for(provider, admitted.account, request.name_format)
    index = secrets.token_urlsafe(24)
    entry = sso.enter(
        admitted.session, provider.application, protocol="saml", service=provider.entity_id, handle=index
    )
    Asserted.objects.create(
        provider=provider, entry=entry, account=admitted.account, session_index=index, name_id=name.value,
        name_format=request.name_format,
    )  # fmt: skip
    about = About(
        name, admitted.shown_at, messages.answer_class(context, request.classes, request.comparison), index,
        attributes_for(provider, admitted.account),
    )  # fmt: skip
    return assertions.success(
        about, envelope_of(request, now), keys.current(), signs_assertion=provider.signing != Signing.RESPONSE,
        signs_response=provider.signing != Signing.ASSERTION,
        encrypt_for=next(iter(certificates_of(provider.encryption_certificate)), ""),
    )  # fmt: skip


def envelope_of(request: SignOnRequest, at: datetime) -> Envelope:
    return Envelope(entity_id(), request.provider.entity_id, request.acs_url, at, request.number)


def refusal(request: SignOnRequest, *, codes: list[str], words: str) -> Element:
    return assertions.refusal(envelope_of(request, timezone.now()), keys.current(), codes=codes, words=words)
