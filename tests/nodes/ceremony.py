"""Steps that need the models, done in a node's own process."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.nodes import agreeing, filing, living

SUBJECTS = ("organisation", "programme", "admin_class", "student")


def load() -> None:
    from yanta.kernel.codes.loading import load_codes

    load_codes()


def invite(code: str, name: str) -> str:
    from yanta.hub.nodes import services
    from yanta.kernel.base import Actor

    return str(services.invite(actor=Actor.system("test"), code=code, name=name).enrol_code)


def fill(students: int) -> None:
    """A college, a programme, a class, so many students."""
    from yanta.hub.nodes.tests.people import Campus
    from yanta.kernel.testing.factories import OrgUnitFactory

    campus = Campus(OrgUnitFactory(code="0000", name="测试大学", kind="school"))
    for _ in range(students):
        campus.student()


def join(address: str, code: str) -> None:
    """Join, be let in by somebody else meanwhile, agree to what is asked for."""
    from django.utils import timezone

    from yanta.hub.nodes import pushing, services
    from yanta.hub.nodes.models import Stream
    from yanta.kernel.base import Actor

    actor = Actor.system("test")
    upper = services.join(actor=actor, address=address, code=code)
    while not Stream.objects.exists():
        pushing.push_node(upper, at=timezone.now(), now=True)
        time.sleep(0.05)
    for stream in Stream.objects.filter(subject__in=SUBJECTS):
        services.agree(stream, actor=actor)


STEPS: dict[str, Callable[..., Any]] = {
    "invite": invite, "fill": fill, "join": join, **filing.STEPS, **living.STEPS, **agreeing.STEPS,
}  # fmt: skip
