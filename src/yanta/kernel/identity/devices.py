"""Where a request comes from: address and device, as people can recognise them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest

from yanta.kernel.identity.models import AGENT_LENGTH

# The more specific first: Edge and the phone apps also call themselves Chrome and Safari.
_BROWSERS = {
    "MicroMessenger": "微信", "wxwork": "企业微信", "DingTalk": "钉钉", "Edg": "Edge", "Firefox": "Firefox",
    "Chrome": "Chrome", "Safari": "Safari", "python": "程序", "curl": "程序",
}  # fmt: skip
_SYSTEMS = {
    "iPhone": "iPhone", "iPad": "iPad", "HarmonyOS": "鸿蒙", "Android": "安卓", "Windows": "Windows",
    "Mac OS X": "Mac", "Linux": "Linux",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Device:
    """One end of the line."""

    address: str | None
    agent: str


def address_of(request: HttpRequest) -> str | None:
    """The client's address; a forwarded one is believed only as far as the proxies are ours."""
    hops = settings.TRUSTED_PROXIES
    found = request.META.get("REMOTE_ADDR", "")
    if hops:
        chain = [
            part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()
        ]
        found = chain[-hops] if len(chain) >= hops else found
    try:
        return str(ip_address(found))
    except ValueError:
        return None


def device_of(request: HttpRequest) -> Device:
    return Device(address_of(request), request.META.get("HTTP_USER_AGENT", "")[:AGENT_LENGTH])


@lru_cache(1024)
def described(agent: str) -> str:
    """`Chrome · Windows`, or that we do not know."""
    parts = [_first(agent, _BROWSERS), _first(agent, _SYSTEMS)]
    return " · ".join(part for part in parts if part) or "未知设备"


def _first(agent: str, names: dict[str, str]) -> str:
    return next((title for word, title in names.items() if re.search(word, agent, re.IGNORECASE)), "")
