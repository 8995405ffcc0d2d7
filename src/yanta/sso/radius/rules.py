"""What follows from what somebody is: the network, and how a device is named. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from yanta.sso.applications.rules import Terms, Who

# RFC 3580 section 3.31: Tunnel-Type 13 is VLAN, Tunnel-Medium-Type 6 is 802.
VLAN, IEEE_802 = "VLAN", "IEEE-802"


@dataclass(frozen=True, slots=True)
class Assignment:
    """One rule: whom it fits, and the VLAN."""

    terms: Terms
    vlan: int


def vlan_of(who: Who, rules: Iterable[Assignment], default: int | None) -> int | None:
    """The first rule that fits decides."""
    return next((one.vlan for one in rules if one.terms.fits(who)), default)


def reply_of(*, vlan: int | None, seconds: int, username: str) -> dict[str, object]:
    """Attributes for the access point, as FreeRADIUS reads them."""
    told: dict[str, object] = {"reply:Session-Timeout": seconds, "reply:Termination-Action": "RADIUS-Request", "reply:User-Name": username}  # fmt: skip
    if vlan is not None:
        told |= {
            "reply:Tunnel-Type": VLAN, "reply:Tunnel-Medium-Type": IEEE_802, "reply:Tunnel-Private-Group-Id": str(vlan),
        }  # fmt: skip
    return told


def address_of(station: str, nas: str) -> str | None:
    """The device's link-local address by its MAC (RFC 4291 appendix A), so that failures count per device, not per building."""
    octets = re.findall(r"[0-9A-Fa-f]{2}", station)[:6]
    if len(octets) == 6:
        first = f"{int(octets[0], 16) ^ 2:02x}"
        word = first + "".join(octets[1:3]) + "fffe" + "".join(octets[3:])
        return str(IPv6Address(int(f"fe80000000000000{word.lower()}", 16)))
    try:
        return str(ip_address(nas))
    except ValueError:
        return None


def without_realm(name: str) -> str:
    """`number@school.edu.cn`, as eduroam has people write it, is the number here."""
    return name.partition("@")[0].strip()
