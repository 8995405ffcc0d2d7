"""From an uploaded sheet to its receipt: preview, confirm, count."""

from __future__ import annotations

import hashlib
from typing import Any

import pghistory
from django.db import IntegrityError, transaction

from yanta.kernel import audit
from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.ciphers import seal, unseal
from yanta.kernel.resource import sheets
from yanta.kernel.resource.declare import Resource
from yanta.kernel.resource.models import SheetImport
from yanta.kernel.resource.writing import check_scope, constraint_in_words, require

PROBLEMS_KEPT = 2000


def begin(
    resource: Resource, actor: Actor, *, name: str, content: bytes
) -> tuple[SheetImport, sheets.Preview]:
    """Read the sheet, judge every row, keep it for confirmation; nothing is written to the data."""
    require(resource, actor, "import")
    preview = sheets.preview(resource, actor, name=name, content=content)
    kept = SheetImport.objects.create(
        account_id=actor.account_id, resource=resource.key, file_name=name[:200],
        digest=hashlib.sha256(content).hexdigest(), content=seal(content.decode("latin-1")), counts=preview.counts,
    )  # fmt: skip
    return kept, preview


def again(kept: SheetImport, resource: Resource, actor: Actor) -> sheets.Preview:
    """The same sheet judged against the data of now."""
    content = unseal(bytes(kept.content)).encode("latin-1")
    return sheets.preview(resource, actor, name=kept.file_name, content=content)


def carry_out(kept: SheetImport, resource: Resource, actor: Actor) -> SheetImport:
    """Write the good rows in one transaction; the receipt's numbers add up, rejected rows keep their cells."""
    require(resource, actor, "import")
    permission = resource.permission("import")
    with transaction.atomic(), pghistory.context(operation=permission, actor=actor.name):
        held = SheetImport.objects.select_for_update().get(pk=kept.pk)
        if held.state != SheetImport.State.PREVIEWED:
            raise Refused("这次导入已经处理过了")
        preview = again(held, resource, actor)
        _write(resource, actor, preview)
        held.state, held.counts = SheetImport.State.DONE, preview.counts
        held.problems, held.content = preview.problems[:PROBLEMS_KEPT], b""
        held.save()
        audit.record(
            permission, actor=actor, summary=f"导入{resource.noun}：{kept.file_name}", data=preview.counts
        )
    return held


def _write(resource: Resource, actor: Actor, preview: sheets.Preview) -> None:
    keys = []
    for line in preview.lines:
        if line.verdict not in ("new", "changed"):
            continue
        try:
            with transaction.atomic():
                resource.save(line.row, actor=actor, adding=line.verdict == "new")
            keys.append(line.row.pk)
        except (IntegrityError, Refused) as error:
            line.verdict, line.errors = "rejected", [_in_words(resource, error)]
    check_scope(resource, actor, "import", keys)


def _in_words(resource: Resource, error: Any) -> str:
    return error.message if isinstance(error, Refused) else constraint_in_words(resource.model, error)
