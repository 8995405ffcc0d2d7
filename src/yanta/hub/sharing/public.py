"""What other packages may use: what this school gives to other nodes by agreement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from yanta.hub.sharing.models import Agreement


@dataclass(frozen=True, slots=True)
class NodeGrant:
    """What a partner node may read here."""

    number: str
    dataset: str
    title: str
    fields: tuple[str, ...]
    valid_to: date
    is_running: bool


def grants_of_node(code: str) -> list[NodeGrant]:
    """Everything agreed with the node of this code, newest first."""
    today = timezone.localdate()
    return [
        NodeGrant(one.number, one.dataset, one.title, tuple(one.names), one.valid_to, one.runs_on(today))
        for one in Agreement.objects.filter(side=Agreement.Side.GIVES, node=code).order_by("-pk")
    ]
