"""Taking files in and giving them out."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from typing import IO, TYPE_CHECKING, Union

from cryptography.hazmat.primitives import hashes
from django.core.files import File
from django.core.files.storage import Storage, default_storage
from django.db import connection, transaction
from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.files import images, kinds

if TYPE_CHECKING:
    from yanta.kernel.files.models import StoredFile
    from yanta.kernel.organisation.models import OrgUnit

Source = Union[bytes, IO[bytes], "File[bytes]"]
CHUNK = 1024 * 1024
MEGABYTE = 1024 * 1024


def storage() -> Storage:
    """The one that `STORAGES["default"]` names: a folder, or an S3 bucket."""
    return default_storage


def store(
    name: str,
    content: Source,
    *,
    actor: Actor,
    purpose: str,
    allow: Sequence[str] = ("pdf", "png", "jpg"),
    megabytes: int = 20,
    photo: bool = False,
    owner_id: int | None = None,
    org_unit: OrgUnit | None = None,
    keep: timedelta | None = None,
    held: bool = False,
) -> StoredFile:
    """Keep a file that passes every check; refuses in words a person can act on.

    Unless `held`, it must be referred to by a foreign key within a day, or be given `keep`, the time it is wanted.
    """
    from yanta.kernel.files.models import StoredFile

    with tempfile.SpooledTemporaryFile(max_size=4 * MEGABYTE) as copy:
        size = _copied(content, copy, megabytes=megabytes)
        kind = _accepted(copy, kinds.clean_name(name), allow)
        final: IO[bytes] = images.bare_photo(copy) if photo and kind in kinds.IMAGES else copy
        kind = "jpg" if final is not copy else kind
        size = final.seek(0, io.SEEK_END) if final is not copy else size
        file = StoredFile(
            name=kinds.named_as(kinds.clean_name(name), kind), size=size, content_type=kinds.TYPES[kind],
            digest=digest_of(final), purpose=purpose, account_id=actor.account_id, org_unit=org_unit, held=held,
            owner_id=owner_id if owner_id is not None else actor.person_id,
            expires_at=timezone.now() + keep if keep else None,
        )  # fmt: skip
        with transaction.atomic():
            _lock(file.digest)
            _put(file, final)
            file.save()
    return file


def open_file(file: StoredFile) -> IO[bytes]:
    """The content, for code that has the right to read it; screens go through the download page."""
    return storage().open(file.key)


def digest_of(content: IO[bytes]) -> str:
    content.seek(0)
    digest = hashes.Hash(hashes.SM3())
    while chunk := content.read(CHUNK):
        digest.update(chunk)
    content.seek(0)
    return digest.finalize().hex()


def is_whole(file: StoredFile) -> bool:
    """Whether the content still is what was stored."""
    with open_file(file) as content:
        return digest_of(content) == file.digest


def _copied(content: Source, copy: IO[bytes], *, megabytes: int) -> int:
    source: IO[bytes] = io.BytesIO(content) if isinstance(content, bytes) else content
    source.seek(0)
    size = 0
    while chunk := source.read(CHUNK):
        size += len(chunk)
        if size > megabytes * MEGABYTE:
            raise Refused(f"文件超过 {megabytes} MB，请压缩或分开上传", rule="file.size")
        copy.write(chunk)
    if not size:
        raise Refused("文件是空的，请检查后重新上传", rule="file.empty")
    return size


def _accepted(copy: IO[bytes], name: str, allow: Sequence[str]) -> str:
    kind = kinds.kind_of(copy, kinds.claim_of(name))
    accepted = "、".join(one.upper() for one in allow)
    if not kind:
        raise Refused(f"无法识别“{name}”的内容，可上传：{accepted}", rule="file.kind")
    if kind not in allow:
        raise Refused(f"“{name}”的内容是 {kind.upper()}，这里可上传：{accepted}", rule="file.kind")
    if kind in kinds.IMAGES:
        images.check_image(copy)
    return kind


def _lock(digest: str) -> None:
    # Whoever removes the last row of a content must not cross whoever stores the same content anew.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [digest])


def _put(file: StoredFile, content: IO[bytes]) -> None:
    content.seek(0)
    if not storage().exists(file.key):
        storage().save(file.key, File(content, name=file.digest))


def remove(file: StoredFile) -> None:
    """Remove the row, and the content with its last row."""
    with transaction.atomic():
        _lock(file.digest)
        file.delete()
        others = type(file).objects.filter(digest=file.digest).exists()
        if not others:
            storage().delete(file.key)
