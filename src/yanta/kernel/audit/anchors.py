"""Signed heads of the chain, in the database and in a file beside it, so that a cut tail is noticed."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from yanta.kernel.audit.models import AuditAnchor

if TYPE_CHECKING:
    from yanta.kernel.audit.chain import Head

EVERY = 1000


@cache
def _key(secret: str) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=b"yanta", info=b"audit-anchor").derive(
        secret.encode()
    )


def signature_of(sequence: int, seal: bytes) -> bytes:
    """Only who has the installation's key can sign a head; the database alone cannot."""
    code = HMAC(_key(settings.YANTA_DATA_KEY), hashes.SM3())
    code.update(b"%d:" % sequence + seal)
    return code.finalize()


def drop_if_due(head: Head) -> None:
    """An anchor in the database about every thousand entries."""
    last = AuditAnchor.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0
    if head.sequence - last >= EVERY or last == 0:
        AuditAnchor.objects.create(
            sequence=head.sequence, seal=head.seal, signature=signature_of(head.sequence, head.seal)
        )


def head_file(chain: str = "") -> Path:
    """Outside the database: whoever cuts the tail there does not reach this. Other chains name themselves."""
    name = f"head-{settings.DATABASES['default']['NAME']}{chain and '-'}{chain}.json"
    return Path(settings.HOME) / "audit" / name


def remember(head: Head, chain: str = "") -> None:
    """Write the head down beside the database, whole or not at all."""
    path = head_file(chain)
    path.parent.mkdir(parents=True, exist_ok=True)
    signature = signature_of(head.sequence, head.seal)
    text = json.dumps({"sequence": head.sequence, "seal": head.seal.hex(), "signature": signature.hex()})
    with NamedTemporaryFile("w", dir=path.parent, prefix=".head-", delete=False, encoding="ascii") as draft:
        draft.write(text)
    os.replace(draft.name, path)


def remembered(chain: str = "") -> tuple[int, bytes, bytes] | None:
    """The head that the file tells: sequence, seal, signature."""
    try:
        told = json.loads(head_file(chain).read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    return int(told["sequence"]), bytes.fromhex(told["seal"]), bytes.fromhex(told["signature"])
