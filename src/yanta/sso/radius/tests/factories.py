"""Networks for tests."""

from __future__ import annotations

from yanta.sso.radius.models import Door, VlanRule

EXAMPLES = {
    Door: {"vlan": 30, "minutes": 60},
    VlanRule: lambda n: {"order": n % 30_000, "vlan": 20, "role": "", "affiliation": "staff"},
}
