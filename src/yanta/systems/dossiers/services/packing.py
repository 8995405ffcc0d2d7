"""封装包: everything of a file in one archive that can be checked without us (after DA/T 48, EEP)."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Sequence
from typing import IO
from xml.etree import ElementTree as ET

import orjson
from django.conf import settings
from django.utils import timezone

from yanta.kernel import files
from yanta.kernel.base import Refused, ciphers, signatures
from yanta.systems.dossiers.adapters import typesetting
from yanta.systems.dossiers.models import Dossier, Entry
from yanta.systems.dossiers.services.collecting import period_names
from yanta.systems.dossiers.services.inspecting import look_through, manifest_of

README = """这是一份个人电子档案的封装包。
目录.pdf            全部材料的目录
封装包.xml          著录项、内容和每件原文的摘要（参照 DA/T 48）
manifest.json       清单，按件号排列，链值前后相连
manifest.sig        对 manifest.json 的签名（算法:密钥号:签名值）
public-key.pem      验证签名用的公钥
检测.json           导出时的四性检测结果
原文/               每件的原文，文件名以件号开头
核对方法：manifest.sig 用 public-key.pem 验 manifest.json；原文的 SM3 与清单里的 file_digest 一致，即未被改动。
"""


def package_of(dossier: Dossier, *, by: str) -> IO[bytes]:
    """Checked first; a file that fails is not handed out as if it were sound."""
    inspection = look_through(dossier, by=by)
    if not inspection.is_sound:
        raise Refused("四性检测没有通过，不能导出；请先看检测结果", rule="dossiers.sound")
    entries = list(dossier.entries.select_related("file").order_by("serial"))
    manifest = manifest_of(dossier, entries)
    packed = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the answer that sends it
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("说明.txt", README)
        archive.writestr("manifest.json", manifest)
        archive.writestr("manifest.sig", signatures.sign(manifest).as_text())
        archive.writestr("public-key.pem", signatures.own_key().pem)
        archive.writestr("检测.json", orjson.dumps(inspection.findings, option=orjson.OPT_INDENT_2))
        archive.writestr("封装包.xml", _described(dossier, entries))
        archive.writestr(
            "目录.pdf", typesetting.pdf_of(_list_of(dossier, entries, ciphers.sm3_hex(manifest)))
        )
        for one in entries:
            _add_file(archive, one)
    packed.seek(0)
    return packed


def _add_file(archive: zipfile.ZipFile, entry: Entry) -> None:
    if entry.file is None:
        return
    with files.open_file(entry.file) as content:
        archive.writestr(_name_of(entry), content.read())


def _name_of(entry: Entry) -> str:
    return f"原文/{entry.serial:04d} {entry.file.name}" if entry.file else ""


def _described(dossier: Dossier, entries: Sequence[Entry]) -> bytes:
    """Records with their metadata and content."""
    root = ET.Element("电子文件封装包")
    head = ET.SubElement(root, "封装包描述")
    for label, value in (
        ("封装包格式描述", "参照 DA/T 48"), ("封装单位", settings.YANTA_NODE_NAME), ("封装时间", timezone.now().isoformat()),
        ("人员号", dossier.person.number), ("姓名", dossier.person.name), ("类别", dossier.get_kind_display()), ("编号", dossier.number),
    ):  # fmt: skip
        ET.SubElement(head, label).text = value
    for one in entries:
        _add_record(root, one)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _add_record(root: ET.Element, one: Entry) -> None:
    record = ET.SubElement(root, "件", 件号=str(one.serial))
    described = (
        ("题名", one.title), ("材料类别", one.range_title), ("阶段", one.period), ("形成日期", f"{one.happened_on}"), ("形成单位", one.owner),
        ("来源", one.origin), ("密级", one.secrecy), ("保管至", f"{one.keep_until or '永久'}"), ("内容摘要SM3", one.digest), ("链值", one.link),
    )  # fmt: skip
    for label, value in described:
        ET.SubElement(record, label).text = value
    content = ET.SubElement(record, "内容")
    for label, value in one.facts:
        ET.SubElement(content, "项", 名称=str(label)).text = str(value)
    if one.file is not None:
        ET.SubElement(record, "原文", 文件=_name_of(one), 摘要SM3=one.file_digest, 大小=str(one.file.size))


def _list_of(dossier: Dossier, entries: Sequence[Entry], digest: str) -> dict[str, object]:
    names = period_names(dossier.kind)
    return {
        "title": f"{dossier.person.name}电子档案目录",
        "sub": f"{dossier.get_kind_display()}　{dossier.number}　{dossier.state}　共 {len(entries)} 件　{timezone.localdate()}",
        "headings": ["件号", "阶段", "材料类别", "题名", "形成日期", "形成单位", "保管至", "内容 SM3（前 16 位）"],
        "rows": [
            [
                f"{one.serial}", names.get(one.period, one.period), one.range_title, one.title, f"{one.happened_on}", one.owner,
                f"{one.keep_until or '永久'}", one.digest[:16],
            ]
            for one in entries
        ],
        "foot": [f"清单 SM3：{digest}", "与 manifest.json、manifest.sig 一起核对。"],
    }  # fmt: skip
