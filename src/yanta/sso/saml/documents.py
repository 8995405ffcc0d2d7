"""Reading XML that comes from outside: no document types, no entities, no instructions, one encoding."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # brings no types

Element = Any
LONGEST = 256 * 1024
_HARMLESS_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_ENCODING = re.compile(rb"^\s*<\?xml[^>]*encoding\s*=\s*[\"']([^\"']*)[\"']")
# What XML cannot hold at all.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Fault(Exception):  # noqa: N818 - an answer for whoever sent the message, as `Refused` is for people
    """Why a message is refused: `rule` for the log, words for people, `status` for the other side where it can be told."""

    def __init__(self, rule: str, words: str, status: str = "") -> None:
        super().__init__(words)
        self.rule, self.words, self.status = rule, words, status


def read(document: bytes, *, longest: int = LONGEST) -> Element:
    """The root of a document; whatever could make two readers see two things is refused before it is parsed."""
    if len(document) > longest:
        raise Fault("xml.size", f"文档超过 {longest // 1024} KB")
    declared = _ENCODING.match(document)
    if (declared and declared[1].lower() not in (b"utf-8", b"us-ascii")) or b"\0" in document:
        raise Fault("xml.encoding", "文档必须是 UTF-8 编码")
    if b"<!" in _HARMLESS_COMMENT.sub(b"", document):
        raise Fault("xml.doctype", "文档中有文档类型、实体或 CDATA 声明")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, encoding="utf-8"
    )  # fmt: skip
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Fault("xml.syntax", "文档不是格式正确的 XML") from error
    beside = root.getprevious() is not None or root.getnext() is not None
    if (
        beside
        or root.getroottree().docinfo.doctype
        or any(not isinstance(one.tag, str) for one in root.iter())
    ):
        raise Fault("xml.doctype", "文档中有文档类型、实体或处理指令")
    return root


def written(element: Element) -> bytes:
    return bytes(etree.tostring(element, encoding="utf-8", with_tail=False))


def text_of(element: Element | None) -> str:
    """The text of an element that holds nothing but text; empty for none."""
    if element is None:
        return ""
    if len(element):
        raise Fault("xml.content", f"{etree.QName(element).localname} 中应当只有文字")
    return str(element.text or "").strip()


def only(parent: Element, tag: str) -> Element | None:
    """The one child of this name, or None; two are refused."""
    found = parent.findall(tag)
    if len(found) > 1:
        raise Fault("xml.content", f"{etree.QName(tag).localname} 出现了不止一次")
    return found[0] if found else None


def instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(text: str | None) -> datetime:
    """An xs:dateTime in UTC, as SAML demands it."""
    try:
        found = datetime.fromisoformat((text or "").replace("Z", "+00:00"))
    except ValueError as error:
        raise Fault("time.format", "时间格式不正确") from error
    if found.tzinfo is None:
        raise Fault("time.format", "时间没有写明时区")
    return found


def is_true(text: str | None) -> bool:
    return (text or "").strip() in ("true", "1")


def legal(text: object) -> str:
    """Without the characters that XML cannot hold."""
    return _ILLEGAL.sub("", str(text))
