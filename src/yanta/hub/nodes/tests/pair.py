"""A school and a province in one process and one database: what each knows of the other lies in rows of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from django.test import Client as Browser
from django.test import override_settings
from django.utils import timezone

from yanta.hub.nodes import client, pushing, services
from yanta.hub.nodes.models import Node, Stream
from yanta.kernel.base import Actor

SYSTEM = Actor.system("test")
ADDRESS = "http://127.0.0.1:1"


class Side:
    """One installation's settings: who it is and which keys it signs with."""

    def __init__(self, home: Path, code: str, level: str, name: str) -> None:
        self.code, self.level, self.name = code, level, name
        self.values = {
            "YANTA_NODE_CODE": code, "YANTA_NODE_LEVEL": level, "YANTA_NODE_NAME": name,
            "YANTA_SIGNING_KEYS": str(home / f"keys-{code}"),
        }  # fmt: skip

    @contextmanager
    def acting(self) -> Iterator[None]:
        with override_settings(**self.values):
            yield

    @property
    def node(self) -> Node:
        """How the others know it."""
        return Node.objects.get(code=self.code)


class Line:
    """The network between them; `before` may look at a request or break the line."""

    def __init__(self, monkeypatch: Any, upper: Side) -> None:
        self.upper, self.requests, self.before = upper, [], lambda request: None
        transport = httpx.MockTransport(self._carry)
        monkeypatch.setattr(client, "_http", lambda: httpx.Client(transport=transport))

    def _carry(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.before(request)
        return answer if answer is not None else self.deliver(request)

    def deliver(self, request: httpx.Request) -> httpx.Response:
        headers = {name: value for name, value in request.headers.items() if name.startswith("yanta-")}
        with self.upper.acting():
            found = Browser().generic(
                request.method, str(request.url.raw_path, "ascii"), request.read(),
                content_type="application/octet-stream", headers=headers,
            )  # fmt: skip
        return httpx.Response(found.status_code, headers=dict(found.headers), content=found.content)


def joined(school: Side, province: Side) -> None:
    """The whole ceremony: invitation, code, exchange of keys, a person's word."""
    with province.acting():
        invited = services.invite(actor=SYSTEM, code=school.code, name=school.name)
    with school.acting():
        services.join(actor=SYSTEM, address=ADDRESS, code=invited.enrol_code)
    with province.acting():
        services.activate(school.node, actor=SYSTEM)


def agreed(school: Side, *subjects: str) -> None:
    """The school hears what is wanted, and agrees to these."""
    push(school)
    with school.acting():
        for stream in Stream.objects.filter(subject__in=subjects):
            services.agree(stream, actor=SYSTEM)


def push(school: Side, at: Any = None) -> int:
    with school.acting():
        return sum(pushing.push_node(upper, at=at or timezone.now(), now=True) for upper in pushing.uppers())
