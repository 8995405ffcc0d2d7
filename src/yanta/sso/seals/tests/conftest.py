"""A college with a head, a keeper and a teacher, and a seal in use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from itertools import cycle
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from yanta.kernel.base import Actor
from yanta.sso.seals import authority, services
from yanta.sso.seals.demo.papers import paper
from yanta.sso.seals.models import Certificate, Seal, SealRequest

PAPER = paper("在读证明", [["张三系我校学生。", "特此证明。", "单位（盖章处）"], ["第二页"]])
SYSTEM = Actor.system("test")


@pytest.fixture(scope="session")
def key_pool() -> list[rsa.RSAPrivateKey]:
    """Making RSA keys takes most of a test's time, so all tests share some."""
    return [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(5)]


@pytest.fixture(autouse=True)
def _quick_keys(key_pool: list[rsa.RSAPrivateKey], monkeypatch: pytest.MonkeyPatch) -> None:
    keys: Iterator[rsa.RSAPrivateKey] = cycle(key_pool)

    def new_key(algorithm: str) -> Any:
        return next(keys) if algorithm == "rsa" else ec.generate_private_key(ec.SECP256R1())

    monkeypatch.setattr(authority, "_new_key", new_key)


@pytest.fixture
def keeper(acting: Callable[..., Actor], college: Any) -> Actor:
    return acting("clerk", college, name="郑保管")


@pytest.fixture
def head(acting: Callable[..., Actor], college: Any) -> Actor:
    return acting("head", college, name="刘院长")


@pytest.fixture
def teacher(acting: Callable[..., Actor], college: Any) -> Actor:
    return acting("teacher", college, name="王老师")


@pytest.fixture
def seal(clock: Any, college: Any, keeper: Actor) -> Seal:
    row = Seal.objects.create(
        name="雁塔大学信息工程学院", kind=Seal.Kind.COLLEGE, org_unit=college, keeper_id=keeper.person_id,
        valid_from=date(2026, 1, 1), reason="学院成立",
    )  # fmt: skip
    services.approve(row, actor=SYSTEM)
    services.put_in_use(row, actor=SYSTEM)
    return row


@pytest.fixture
def hand_in(seal: Seal, teacher: Actor) -> Callable[..., SealRequest]:
    """`hand_in(content, …, places="骑缝")`: the teacher's application."""

    def hand_in(*contents: bytes, places: str = "关键字：盖章处", actor: Actor = teacher) -> SealRequest:
        handed = [
            services.Handed(f"文件{number}.pdf", one) for number, one in enumerate(contents or (PAPER,), 1)
        ]
        files = services.taken_in(handed, actor=actor)
        return services.apply(seal, files, services.Wish("在读证明", "升学", places), actor=actor)

    return hand_in


@pytest.fixture
def sealed(hand_in: Callable[..., SealRequest], head: Actor, keeper: Actor) -> Callable[..., SealRequest]:
    """The same, approved and sealed."""

    def sealed(*contents: bytes, **options: Any) -> SealRequest:
        request = hand_in(*contents, **options)
        services.endorse(request, actor=head)
        services.press(request, actor=keeper)
        return request

    return sealed


@pytest.fixture
def certified(clock: Any, teacher: Actor) -> Certificate:
    """The teacher's own certificate."""
    row = services.ask_for_certificate(actor=teacher, reason="签署教学文件")
    services.issue_certificate(row, actor=SYSTEM)
    return row
