"""A `.bpmn` file, read without trusting it and kept as it is: whatever a tool wrote is there again on export."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

from lxml import etree  # type: ignore[import-untyped]  # brings no types

from yanta.kernel.base import Refused

Node = Any  # an element of lxml

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI = "http://www.omg.org/spec/BPMN/20100524/DI"
_DRAFT = "http://schema.omg.org/spec/BPMN/2.0"  # written by tools of before 2011
XML_LIMIT = 8 * 2**20

_OTHERS = {
    "http://www.wfmc.org": "这是 XPDL 文件，请在原来的工具里另存为 BPMN 2.0",
    "http://docs.oasis-open.org/wsbpel": "这是 BPEL 文件，不是 BPMN",
    "http://bpms.intalio.com": "这是 Intalio 的 BPMN 1 文件，请另存为 BPMN 2.0",
    "http://stp.eclipse.org/bpmn": "这是 Eclipse STP 的 BPMN 1 文件，请另存为 BPMN 2.0",
    "https://www.omg.org/spec/DMN": "这是 DMN 决策表，请在“决策表”里导入",
    "http://www.omg.org/spec/DMN": "这是 DMN 决策表，请在“决策表”里导入",
    "http://www.omg.org/spec/CMMN": "这是 CMMN 文件，不是 BPMN",
    "http://www.w3.org/1999/xhtml": "这是网页，不是 BPMN 文件",
}
_DECLARED = re.compile(rb"""^(\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["']""")
_DECLARATION = re.compile(r"^\ufeff?\s*<\?xml[^>]*\?>")


@dataclass(slots=True)
class Document:
    """One file: the bytes as they came, and the tree. `remarks` say what had to be guessed to read it."""

    content: bytes
    root: Node
    remarks: tuple[str, ...] = ()
    _by_id: dict[str, Node] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for node in elements(self.root):
            if (found := node.get("id")) is not None:
                self._by_id.setdefault(found, node)

    def node(self, node_id: str) -> Node | None:
        return self._by_id.get(node_id)

    @property
    def processes(self) -> list[Node]:
        return [node for node in self.root if tag_of(node) == "process"]

    @property
    def digest(self) -> str:
        """By which two files are told apart."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def exporter(self) -> str:
        return " ".join(filter(None, (self.root.get("exporter"), self.root.get("exporterVersion"))))

    @property
    def text(self) -> str:
        """The file as text, for a database: the tree, declared to be UTF-8."""
        return self.written().decode()

    def written(self) -> bytes:
        """The tree as a file: every element, attribute, comment and unknown namespace as read."""
        written: bytes = etree.tostring(self.root.getroottree(), xml_declaration=True, encoding="UTF-8")
        return written


def read(content: bytes | str) -> Document:
    """The file, or `Refused` with the reason in words; nothing outside the file is ever fetched."""
    content = _bytes(content)
    root, remarks = parse_xml(content)
    _refuse_other_roots(root)
    if _namespace(root) == _DRAFT:
        _rename(root)
        remarks = (*remarks, "文件用的是 BPMN 2.0 征求意见稿的命名空间，已按正式稿读入")
    return Document(content, root, remarks)


def parse_xml(content: bytes | str) -> tuple[Node, tuple[str, ...]]:
    """The root of any XML a person hands in, and what had to be guessed; `Refused` where it is unsafe or broken."""
    content = _bytes(content)
    if not content.strip():
        raise Refused("文件是空的")
    if len(content) > XML_LIMIT:
        raise Refused(f"文件超过 {XML_LIMIT // 2**20} MB，不像是一张流程图")
    _refuse_other_formats(content)
    root, remarks = _parsed(content)
    _refuse_declarations(root)
    return root, remarks


def _bytes(content: bytes | str) -> bytes:
    return _DECLARATION.sub("", content).encode() if isinstance(content, str) else content


def tag_of(node: Node) -> str:
    """`userTask` of a BPMN element, "" of a comment or an element of another namespace."""
    tag = node.tag
    if not isinstance(tag, str) or not tag.startswith("{" + MODEL):
        return ""
    return str(tag.rpartition("}")[2])


def elements(root: Node) -> Iterator[Node]:
    """Every element, comments and instructions left out."""
    return (node for node in root.iter() if isinstance(node.tag, str))


def label(node: Node) -> str:
    """The name on one line."""
    return " ".join((node.get("name") or "").split())


def drawn_ids(root: Node) -> set[str]:
    """Ids of what has a shape or an edge."""
    return {
        found
        for node in root.iter(f"{{{DI}}}BPMNShape", f"{{{DI}}}BPMNEdge")
        if (found := node.get("bpmnElement"))
    }


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )


def _parsed(content: bytes) -> tuple[Node, tuple[str, ...]]:
    try:
        return etree.fromstring(content, _parser()), ()
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        for encoding, said in (("utf-8-sig", "UTF-8"), ("gb18030", "GBK")):
            found = _parsed_as(content, encoding)
            if found is not None:
                return found, (f"文件声明的编码是错的，已按 {said} 读入",)
        _say(error)


def _parsed_as(content: bytes, encoding: str) -> Node | None:
    if not _DECLARED.match(content) and encoding != "gb18030":
        return None
    try:
        text = _DECLARATION.sub("", content.decode(encoding))
        return etree.fromstring(text.encode(), _parser())
    except (UnicodeError, etree.XMLSyntaxError, ValueError):
        return None


def _say(error: Exception) -> NoReturn:
    text = str(error)
    if "depth" in text or "huge" in text.lower():
        raise Refused("文件嵌套太深或太大，不读") from error
    if "entit" in text.lower():
        raise Refused("文件里有 XML 实体，为安全起见不读") from error
    line = getattr(error, "lineno", None)
    where = f"（第 {line} 行）" if line else ""
    raise Refused(f"文件不是完整的 XML{where}，可能没有下载完或被改坏了") from error


def _refuse_declarations(root: Node) -> None:
    info = root.getroottree().docinfo
    if info.internalDTD is not None or info.doctype:
        raise Refused("文件里有 DOCTYPE 声明，为安全起见不读")


def _refuse_other_formats(content: bytes) -> None:
    start = content[:64].lstrip()
    if start.startswith(b"PK\x03\x04"):
        raise Refused("这是压缩包或 Office、Visio 文件，请先导出为 .bpmn")
    if start.startswith((b"{", b"[")):
        raise Refused("这是 JSON 文件，请在原来的工具里导出 BPMN 2.0 XML")
    if start.startswith((b"\x89PNG", b"%PDF", b"\xff\xd8", b"GIF8")):
        raise Refused("这是图片或 PDF，不是可以导入的流程文件")


def _namespace(root: Node) -> str:
    return str(etree.QName(root).namespace or "")


def _refuse_other_roots(root: Node) -> None:
    namespace = _namespace(root)
    if etree.QName(root).localname == "definitions" and namespace in (MODEL, _DRAFT):
        return
    for prefix, reason in _OTHERS.items():
        if namespace.startswith(prefix):
            raise Refused(reason)
    raise Refused(f"不是 BPMN 2.0 文件：最外层是 {etree.QName(root).localname}，应为 definitions")


def _rename(root: Node) -> None:
    for node in elements(root):
        if node.tag.startswith(f"{{{_DRAFT}}}"):
            node.tag = f"{{{MODEL}}}{etree.QName(node).localname}"
