"""The XML of WebDAV and CalDAV (RFC 4918, 4791, 6578): what a client asks, and how it is answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # brings no types

DAV, CAL, CS, APPLE = (
    "DAV:",
    "urn:ietf:params:xml:ns:caldav",
    "http://calendarserver.org/ns/",
    "http://apple.com/ns/ical/",
)
NAMES = {"D": DAV, "C": CAL, "CS": CS, "A": APPLE}
MOST_HREFS = 5000
# Which lines of an event a filter may look into.
SEARCHED = frozenset({"UID", "SUMMARY", "LOCATION", "DESCRIPTION", "CATEGORIES", "STATUS"})
Element = Any  # lxml has no types of its own


class NotUnderstood(ValueError):  # noqa: N818 - an answer for the client, not an error of ours
    """The body is no XML, or asks for what is not offered; the message is a precondition of the standard."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request's body: the kind of question, the properties wanted, and the conditions."""

    kind: str
    wanted: tuple[str, ...] = ()
    hrefs: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    texts: tuple[tuple[str, str], ...] = ()
    is_events: bool = True
    token: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One resource of a multistatus; `props` are the known ones, a missing resource has a status instead."""

    href: str
    props: Mapping[str, Any] = field(default_factory=dict)
    status: str = ""


def tag(space: str, name: str) -> str:
    return f"{{{space}}}{name}"


def parsed(body: bytes) -> Asked:
    """Nothing outside the body is read, and no entity is resolved."""
    if not body.strip():
        return Asked("propfind")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        raise NotUnderstood("malformed") from None
    if root.getroottree().docinfo.doctype:
        raise NotUnderstood("malformed")
    props = root.find(tag(DAV, "prop"))
    wanted = tuple(str(one.tag) for one in props if isinstance(one.tag, str)) if props is not None else ()
    kind = etree.QName(root).localname
    hrefs = tuple(one.text or "" for one in root.findall(tag(DAV, "href"))[:MOST_HREFS])
    token = root.findtext(tag(DAV, "sync-token")) or ""
    given = _filtered(root.find(tag(CAL, "filter"))) if kind == "calendar-query" else {}
    return Asked(kind, wanted, hrefs, token=token, **given)


def _filtered(condition: Element) -> dict[str, Any]:
    """The conditions of a calendar-query; an event's time, and texts in some of its lines."""
    outer = condition.find(tag(CAL, "comp-filter")) if condition is not None else None
    inner = outer.find(tag(CAL, "comp-filter")) if outer is not None else None
    if inner is None:
        return {}
    if inner.get("name") != "VEVENT":
        return {"is_events": False}
    times = inner.find(tag(CAL, "time-range"))
    given: dict[str, Any] = {"texts": tuple(_texts(inner))}
    if times is not None:
        given |= {"since": _instant(times.get("start")), "until": _instant(times.get("end"))}
    return given


def _texts(inner: Element) -> Iterable[tuple[str, str]]:
    for one in inner.findall(tag(CAL, "prop-filter")):
        name, match = one.get("name", ""), one.find(tag(CAL, "text-match"))
        if match is None or name not in SEARCHED or match.get("negate-condition") == "yes":
            raise NotUnderstood("supported-filter")
        yield name, match.text or ""


def _instant(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise NotUnderstood("valid-filter") from None


def multistatus(answers: Iterable[Answer], wanted: tuple[str, ...], *, token: str = "") -> bytes:
    """The answer to any question; properties that a resource lacks are said to be missing."""
    root = etree.Element(tag(DAV, "multistatus"), nsmap=NAMES)
    for one in answers:
        response = etree.SubElement(root, tag(DAV, "response"))
        etree.SubElement(response, tag(DAV, "href")).text = one.href
        if one.status:
            etree.SubElement(response, tag(DAV, "status")).text = f"HTTP/1.1 {one.status}"
            continue
        names = wanted or tuple(one.props)
        _propstat(response, [name for name in names if name in one.props], one.props, "200 OK")
        _propstat(response, [name for name in names if name not in one.props], {}, "404 Not Found")
    if token:
        etree.SubElement(root, tag(DAV, "sync-token")).text = token
    return _written(root)


def _propstat(response: Element, names: list[str], props: Mapping[str, Any], status: str) -> None:
    if not names:
        return
    part = etree.SubElement(response, tag(DAV, "propstat"))
    prop = etree.SubElement(part, tag(DAV, "prop"))
    for name in names:
        _set(etree.SubElement(prop, name), props.get(name))
    etree.SubElement(part, tag(DAV, "status")).text = f"HTTP/1.1 {status}"


def _set(element: Element, value: Any) -> None:
    """A text, an element, or several of them."""
    if isinstance(value, str):
        element.text = value
    elif isinstance(value, (list, tuple)):
        element.extend(value)
    elif value is not None:
        element.append(value)


def node(space: str, name: str, /, *children: Any, text: str = "", **attributes: str) -> Element:
    made = etree.Element(tag(space, name), attributes, nsmap=NAMES)
    made.text = text or None
    made.extend(children)
    return made


def href(address: str) -> Element:
    return node(DAV, "href", text=address)


def refusal(condition: str) -> bytes:
    """A precondition that did not hold, as RFC 4918 section 16 writes it."""
    space = DAV if condition in ("valid-sync-token", "need-privileges", "malformed") else CAL
    return _written(node(DAV, "error", node(space, condition)))


def _written(root: Element) -> bytes:
    found: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8")
    return found
