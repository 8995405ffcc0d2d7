"""Pure decisions about clients and their addresses."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from urllib.parse import urlencode, urlsplit

from yanta.sso.applications.catalogue import SCOPES
from yanta.sso.applications.rules import Place, place_of

# Apps of a phone own a scheme by a domain turned round, such as cn.edu.school.app (RFC 8252).
_PRIVATE = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)+:/[^\s\\#]*")
MACHINE_SCOPE = "app"


def _is_loopback(place: Place) -> bool:
    try:
        return ipaddress.ip_address(place.host.strip("[]")).is_loopback
    except ValueError:
        return place.host == "localhost"


def refusal_of_redirect(uri: str, *, native: bool) -> str | None:
    """Why an address may not be registered as one to come back to, or None."""
    if native and _PRIVATE.fullmatch(uri) and not uri.startswith(("http", "javascript")):
        return None
    place = place_of(uri)
    if place is None:
        return f"“{uri}”不是完整的地址"
    if "#" in uri or "*" in uri:
        return f"“{uri}”不能含 # 或 *"
    if place.scheme == "http" and not _is_loopback(place):
        return f"“{uri}”须为 https（只有本机调试可用 http）"
    return None


def is_registered(uri: str, registered: Sequence[str], *, native: bool) -> bool:
    """Letter for letter; a native app listens on any port of its own machine."""
    if uri in registered:
        return place_of(uri) is not None or bool(native and _PRIVATE.fullmatch(uri))
    place = place_of(uri)
    if (
        not native
        or place is None
        or place.scheme != "http"
        or not _is_loopback(place)
        or place.host == "localhost"
    ):
        return False
    return any(_portless(one) == _portless(uri) for one in registered)


def _portless(uri: str) -> tuple[str, str | None, str, str]:
    parts = urlsplit(uri)
    return parts.scheme, parts.hostname, parts.path, parts.query


def faults_of_client(
    *,
    redirect_uris: Sequence[str],
    leaving: Sequence[str],
    notices: Sequence[str],
    scopes: Sequence[str],
    uses_code: bool,
    is_public: bool,
) -> dict[str, list[str]]:
    """What is wrong with a client's registration, by field."""
    found: dict[str, list[str | None]] = {
        "redirect_uris": [refusal_of_redirect(uri, native=is_public) for uri in redirect_uris],
        "post_logout_redirect_uris": [refusal_of_redirect(uri, native=is_public) for uri in leaving],
        "backchannel_logout_uri": [refusal_of_redirect(uri, native=False) for uri in notices],
        "scopes": [f"没有“{one}”这个范围，可用：{' '.join(SCOPES)}" for one in scopes if one not in SCOPES],
    }
    if uses_code and not redirect_uris:
        found["redirect_uris"].append("用户登录须填写回调地址")
    faults = {name: [text for text in texts if text] for name, texts in found.items()}
    return {name: texts for name, texts in faults.items() if texts}


def with_state(uri: str, state: str) -> str:
    """The address with the client's own mark, if it gave one."""
    if not state:
        return uri
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode({'state': state})}"
