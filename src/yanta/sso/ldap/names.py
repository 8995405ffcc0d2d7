"""Distinguished names of the directory: one branch an application, so that a name says whose policy holds (RFC 4514)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ldaptor.protocols.ldap.distinguishedname import DistinguishedName, InvalidRelativeDistinguishedName

_SPECIAL = re.compile(r'([,+"\\<>;=#])')
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Place:
    """Where a name lies: in an application's branch, in `people` or `groups`, and which leaf."""

    application: str = ""
    branch: str = ""
    leaf: str = ""


def escaped(value: str) -> str:
    found = _SPECIAL.sub(r"\\\1", value)
    if found.startswith(" "):
        found = f"\\{found}"
    return f"{found[:-1]}\\ " if found.endswith(" ") else found


def person(base: str, application: str, subject: str) -> str:
    return f"uid={escaped(subject)},ou=people,o={application},{base}"


def group(base: str, application: str, key: str) -> str:
    return f"cn={escaped(key)},ou=groups,o={application},{base}"


def _parts(text: str) -> list[tuple[str, str]] | None:
    if len(text) > LONGEST or "\0" in text:
        return None
    try:
        found = DistinguishedName(stringValue=text).split()
    except (InvalidRelativeDistinguishedName, ValueError, IndexError, AssertionError):
        return None
    parts = []
    for one in found:
        pairs = one.split()
        if len(pairs) != 1:
            return None
        parts.append((_text(pairs[0].attributeType).strip().lower(), _text(pairs[0].value)))
    return parts


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


@lru_cache(maxsize=20_000)
def place_of(text: str, *, base: str) -> Place | None:
    """The place in our tree; None for names outside it."""
    parts, root = _parts(text), _parts(base)
    if parts is None or root is None or len(parts) < len(root):
        return None
    tail = [(kind, value.lower()) for kind, value in parts[len(parts) - len(root) :]]
    if tail != [(kind, value.lower()) for kind, value in root]:
        return None
    return _inside(list(reversed(parts[: len(parts) - len(root)])))


def _inside(steps: list[tuple[str, str]]) -> Place | None:
    """From the root downward: `o=…`, `ou=people|groups`, `uid=…` or `cn=…`; `cn=client` names the application itself."""
    wanted = (("o",), ("ou", "cn"), ("uid", "cn"))
    if len(steps) > len(wanted) or any(kind not in wanted[at] for at, (kind, _) in enumerate(steps)):
        return None
    values = [value for _, value in steps]
    if len(steps) >= 2 and (
        (steps[1][0] == "cn" and values[1] != "client")
        or (steps[1][0] == "ou" and values[1].lower() not in ("people", "groups"))
    ):
        return None
    padded = [*values, "", "", ""]
    return Place(padded[0].lower(), padded[1].lower(), padded[2])
