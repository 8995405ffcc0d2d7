"""What other packages may use: agreements with nodes, and reading from another node as its consumer."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.utils import timezone

from yanta.hub.sharing import keys
from yanta.hub.sharing.models import Agreement, Grant
from yanta.kernel.base.signatures import own_key, sign


@dataclass(frozen=True, slots=True)
class NodeGrant:
    """What a partner node may read here."""

    dataset: str
    title: str
    fields: tuple[str, ...]
    valid_to: date
    is_running: bool


def grants_of_node(key_id: str) -> list[NodeGrant]:
    """Everything granted to the node whose public key has this id, newest first."""
    found = Agreement.objects.filter(key_id=key_id).values_list("consumer_id", flat=True)
    rows = Grant.objects.filter(consumer_id__in=found).select_related("dataset").order_by("-pk")
    today = timezone.localdate()
    return [
        NodeGrant(one.dataset.code, one.dataset.title, tuple(one.names), one.valid_to, one.runs_on(today))
        for one in rows
    ]


def signed_headers(method: str, address: str, body: bytes = b"") -> dict[str, str]:
    """The `Authorization` of a request to another node, signed with this installation's key."""
    parts = urlsplit(address)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    at, nonce = str(int(time.time())), uuid.uuid4().hex
    signature = sign(keys.signed_text(method, target, at, nonce, body)).as_text()
    value = f"{keys.NODE} key={own_key().key_id}, time={at}, nonce={nonce}, signature={signature}"
    return {"Authorization": value}


def fetch(address: str, *, timeout: float = 30.0) -> dict[str, Any]:
    """One page of another node's dataset (`https://node/share/v1/<dataset>/?…`); raises `httpx.HTTPError`."""
    answer = httpx.get(address, headers=signed_headers("GET", address), timeout=timeout)
    answer.raise_for_status()
    page: dict[str, Any] = answer.json()
    return page
