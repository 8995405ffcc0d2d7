"""Pure decisions: which address belongs to an application, and who may enter it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

PORTS = {"http": 80, "https": 443}
LONGEST = 600
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
# What no address of a browser holds: controls, blanks, and the backslash that some browsers read as a slash.
_FOREIGN = re.compile(r"[\x00-\x20\x7f\\]")
PAUSES = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=3), timedelta(minutes=20))


@dataclass(frozen=True, slots=True)
class Place:
    """An address taken apart; two are compared part by part, never as text."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        port = "" if PORTS[self.scheme] == self.port else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"


def place_of(url: str) -> Place | None:
    """The place that a web address names; None when it is none, or tries to look like another one."""
    if not url or len(url) > LONGEST or _FOREIGN.search(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in PORTS or "@" in parts.netloc or parts.netloc.endswith(":"):
        return None
    host = _host(parts.netloc.rsplit(":", 1)[0] if port is not None else parts.netloc)
    if host is None or _climbs(parts.path):
        return None
    return Place(parts.scheme, host, port or PORTS[parts.scheme], parts.path or "/")


def _host(text: str) -> str | None:
    try:
        host = text.lower() if text.isascii() else text.lower().encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return host if _HOST.fullmatch(host) and ".." not in host else None


def _climbs(path: str) -> bool:
    """Whether the path leads up again, written plainly or hidden once or twice."""
    texts = (path, unquote(path), unquote(unquote(path)))
    return any(".." in re.split(r"[/\\]", text) or _FOREIGN.search(text.replace(" ", "")) for text in texts)


def is_same(registered: str, url: str) -> bool:
    """The very address, letter for letter; what is no proper address is nobody's."""
    return registered == url and place_of(url) is not None


def is_under(registered: str, url: str) -> bool:
    """The registered place or below it: same scheme, host and port, and the path continues at a slash."""
    base, place = place_of(registered), place_of(url)
    if (
        base is None
        or place is None
        or (base.scheme, base.host, base.port) != (place.scheme, place.host, place.port)
    ):
        return False
    stem = base.path.rstrip("/")
    return place.path in (base.path, stem) or place.path.startswith(f"{stem}/")


@dataclass(frozen=True, slots=True)
class Who:
    """What the rules look at in a person: roles, paths of units, affiliations, the person."""

    roles: frozenset[str]
    unit_paths: tuple[str, ...]
    affiliations: frozenset[str]
    person_id: int | None


@dataclass(frozen=True, slots=True)
class Terms:
    """One rule: what is filled in must hold together."""

    allows: bool
    words: str
    role: str = ""
    unit_path: str = ""
    affiliation: str = ""
    person_id: int | None = None

    def fits(self, who: Who) -> bool:
        return (
            (not self.role or self.role in who.roles)
            and (not self.unit_path or any(path.startswith(self.unit_path) for path in who.unit_paths))
            and (not self.affiliation or self.affiliation in who.affiliations)
            and (self.person_id is None or self.person_id == who.person_id)
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether somebody may enter, and by which rule; the words are for the person."""

    allowed: bool
    reason: str = ""
    rule: str = ""


def verdict(terms: Sequence[Terms], who: Who, *, open_to_all: bool) -> Verdict:
    """A rule that keeps out wins; else one that lets in; else whoever the application is open to."""
    kept_out = next((one for one in terms if not one.allows and one.fits(who)), None)
    if kept_out is not None:
        return Verdict(False, f"准入规则“{kept_out.words}”不允许您进入", "rule.deny")
    let_in = next((one for one in terms if one.allows and one.fits(who)), None)
    if let_in is not None:
        return Verdict(True, let_in.words, "rule.allow")
    if open_to_all:
        return Verdict(True, "全校有账号的人都可进入", "everyone")
    allowed = "；".join(one.words for one in terms if one.allows)
    return Verdict(
        False, f"只对这些人开放：{allowed}" if allowed else "这个应用还没有对任何人开放", "rule.none"
    )


def next_try(attempts: int, *, at: datetime) -> datetime | None:
    """When a notice that did not arrive is sent again; None when it is given up."""
    return at + PAUSES[attempts - 1] if attempts <= len(PAUSES) else None


def missing(wanted: Iterable[str], agreed: Iterable[str]) -> frozenset[str]:
    return frozenset(wanted) - frozenset(agreed)
