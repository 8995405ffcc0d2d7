"""What a file is, told by its content; the name it came with is only a claim."""

from __future__ import annotations

import re
import zipfile
from typing import IO

from yanta.kernel.base import Refused

TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "ofd": "application/ofd",
    "zip": "application/zip",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "sqlite": "application/vnd.sqlite3",
    "parquet": "application/vnd.apache.parquet",
    "txt": "text/plain",
    "csv": "text/csv",
}
IMAGES = ("png", "jpg", "gif", "webp")
_CLAIMS = {"jpeg": "jpg", "jpe": "jpg", "text": "txt", "tsv": "csv", "db": "sqlite", "sqlite3": "sqlite"}
_MAGIC = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"PAR1", "parquet"),
)
_OFFICE = {
    "word/document.xml": "docx",
    "xl/workbook.xml": "xlsx",
    "ppt/presentation.xml": "pptx",
    "OFD.xml": "ofd",
}
# An archive that unpacks to more than this, or this many times its size, was made to harm.
UNPACKED_LIMIT = 2 * 1024**3
UNPACKED_RATIO = 200
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def kind_of(content: IO[bytes], claimed: str) -> str:
    """One of `TYPES`, or '' when it is nothing we know; `claimed` only tells apart text from text."""
    content.seek(0)
    head = content.read(8192)
    content.seek(0)
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head.startswith(b"PK\x03\x04"):
        return _kind_of_archive(content)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return claimed if claimed in ("doc", "xls") else "xls"
    return _kind_of_text(head, claimed)


def _kind_of_archive(content: IO[bytes]) -> str:
    try:
        with zipfile.ZipFile(content) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise Refused("压缩文件已损坏，请重新导出后再上传", rule="file.broken") from error
    finally:
        content.seek(0)
    unpacked, packed = sum(p.file_size for p in parts), sum(p.compress_size for p in parts)
    if unpacked > UNPACKED_LIMIT or unpacked > max(packed, 4096) * UNPACKED_RATIO:
        raise Refused("压缩文件展开后过大，不予接收", rule="file.bomb")
    names = {part.filename for part in parts}
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Refused("文件里含有宏，请另存为不含宏的格式后再上传", rule="file.macro")
    return next((kind for part, kind in _OFFICE.items() if part in names), "zip")


def _kind_of_text(head: bytes, claimed: str) -> str:
    if (
        claimed not in ("txt", "csv")
        or b"\x00" in head.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")[::2][:1]
    ):
        return ""
    for encoding in ("utf-8", "gb18030", "utf-16"):
        try:
            text = head.decode(encoding, errors="strict")
        except UnicodeDecodeError as error:
            # A character cut in two at the end of the sample is no fault.
            if error.start < len(head) - 4:
                continue
            text = head[: error.start].decode(encoding)
        return "" if re.search(r"<\s*(script|html|svg|\?php)", text, re.IGNORECASE) else claimed
    return ""


def clean_name(name: str) -> str:
    """The last part of a path, without what hides or disguises, short enough to show."""
    plain = _INVISIBLE.sub("", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(". ")
    stem, dot, extension = plain.rpartition(".")
    stem, extension = (stem, extension) if dot else (plain, "")
    return f"{stem[:120] or '未命名'}{dot}{extension[:10]}"


def claim_of(name: str) -> str:
    """The kind that the name claims."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    return _CLAIMS.get(extension, extension)


def named_as(name: str, kind: str) -> str:
    """The name with the extension that the content deserves."""
    return name if claim_of(name) == kind else f"{name.rpartition('.')[0] or name}.{kind}"
