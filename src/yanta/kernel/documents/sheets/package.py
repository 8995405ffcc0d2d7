"""The parts of a workbook: only what is changed is written anew, everything else goes back as the bytes it was."""

from __future__ import annotations

import io
import posixpath
import zipfile
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # brings no types

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
PACKAGE_REL = "{http://schemas.openxmlformats.org/package/2006/relationships}"
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
REL_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)


class Package:
    """A zip of parts; `root` opens one for change."""

    def __init__(self, content: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            self.parts: dict[str, bytes] = {
                one.filename: archive.read(one) for one in archive.infolist() if not one.is_dir()
            }
        self._roots: dict[str, Any] = {}

    def root(self, name: str) -> Any:
        if name not in self._roots:
            self._roots[name] = etree.fromstring(self.parts[name], _PARSER)
        return self._roots[name]

    def add(self, name: str, content: bytes | Any, *, content_type: str = "") -> None:
        """A new part; bytes, or a node that may still change."""
        if isinstance(content, bytes):
            self.parts[name] = content
        else:
            self.parts[name], self._roots[name] = b"", content
        if content_type:
            override = etree.SubElement(self.root("[Content_Types].xml"), f"{TYPES}Override")
            override.set("PartName", f"/{name}")
            override.set("ContentType", content_type)

    def known_extension(self, extension: str, content_type: str) -> None:
        types = self.root("[Content_Types].xml")
        if not any(one.get("Extension", "").lower() == extension for one in types.findall(f"{TYPES}Default")):
            default = etree.Element(f"{TYPES}Default", Extension=extension, ContentType=content_type)
            types.insert(0, default)

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Id to type and full name of the part it leads to."""
        name = relations_of(part)
        if name not in self.parts:
            return {}
        base = posixpath.dirname(part)
        return {
            one.get("Id"): (one.get("Type", "").rpartition("/")[2], _joined(base, one.get("Target", "")))
            for one in self.root(name) if one.get("TargetMode") != "External"
        }  # fmt: skip

    def relate(self, part: str, kind: str, target: str) -> str:
        """A new relation; answers its id."""
        name = relations_of(part)
        if name not in self.parts:
            self.add(name, etree.Element(f"{PACKAGE_REL}Relationships", nsmap={None: PACKAGE_REL[1:-1]}))
        root = self.root(name)
        taken = {one.get("Id") for one in root}
        key = next(f"rId{number}" for number in range(1, 10_000) if f"rId{number}" not in taken)
        etree.SubElement(
            root, f"{PACKAGE_REL}Relationship", Id=key, Type=REL_TYPE + kind, Target=f"/{target}"
        )
        return key

    def free_name(self, pattern: str) -> str:
        return next(name for number in range(1, 10_000) if (name := pattern.format(number)) not in self.parts)

    def save(self) -> bytes:
        for name, root in self._roots.items():
            self.parts[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
        kept = io.BytesIO()
        with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.parts.items():
                archive.writestr(name, content)
        return kept.getvalue()


def relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _joined(base: str, target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(base, target))
