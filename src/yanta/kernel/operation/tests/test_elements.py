"""What is known of a person is not asked: `FromElement`."""

from __future__ import annotations

from typing import Annotated, Any

import pytest

from yanta.kernel.base import Actor, elements
from yanta.kernel.base.elements import Element, Known
from yanta.kernel.operation import FromElement, Label, Operation
from yanta.kernel.people.models import Person
from yanta.kernel.resource.forms import OperationForm, inputs_of


def ask(
    *,
    actor: Actor,
    phone: Annotated[str, FromElement("test.phone"), Label("手机号")],
    size: Annotated[int, FromElement("test.size"), Label("鞋码")],
    reason: str,
) -> None:
    """Only its parameters matter here."""


@pytest.fixture
def form_for(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A form over what the test says is known."""

    def make(values: dict[str, Known], data: dict[str, str] | None = None, **options: Any) -> OperationForm:
        names = ("test.phone", "test.size")
        monkeypatch.setattr(elements, "_declared", {name: Element(name, name) for name in names})
        provider = lambda people, names, *, on: dict.fromkeys(people, values)  # noqa: E731
        monkeypatch.setattr(elements, "_providers", dict.fromkeys(names, provider))
        actor = Actor(account_id=1, person_id=7, name="王芳")
        return OperationForm(data, operation=Operation(ask, "申请", model=Person), actor=actor, **options)

    return make


PHONE = Known("13800000000", "138****0000", owner="信息中心", dispute="/me/")


def test_arrives_filled_and_locked_with_its_source(form_for: Any) -> None:
    shown = {one.name: one for one in inputs_of(form_for({"test.phone": PHONE}))}

    assert (shown["phone"].locked, shown["phone"].text, shown["phone"].source) == (
        True,
        "138****0000",
        "信息中心",
    )
    assert shown["phone"].dispute == "/me/"
    assert not shown["reason"].locked


def test_takes_the_known_value_whatever_was_sent(form_for: Any) -> None:
    form = form_for({"test.phone": PHONE}, {"phone": "999", "size": "41", "reason": "补办"})

    assert form.is_valid()
    assert form.parameters() == {"phone": "13800000000", "size": 41, "reason": "补办"}


def test_asks_what_nobody_knows_and_what_would_not_pass(form_for: Any) -> None:
    form = form_for({"test.size": Known("大", "大")}, {"reason": "补办"})

    assert set(form.errors) == {"phone", "size"}
    assert form.known == {}
