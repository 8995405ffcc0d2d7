"""What `yanta check` says of a service declared in code, and what such a service is to a person."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import pytest

from yanta.kernel.base import Actor, Grant, areas
from yanta.kernel.operation import FromElement, Label, operation
from yanta.kernel.people.models import Person
from yanta.kernel.workflow import offering
from yanta.kernel.workflow.offering import (
    AskedIf,
    Material,
    Service,
    bundle,
    service,
    service_named,
    services_from,
)

AREA = "学工"


@operation("试办", model=Person, roles=("student",))
def apply_whole(*, actor: Actor, reason: Annotated[str, Label("事由")]) -> None: ...


@operation("试办哑问", model=Person, roles=("student",))
def apply_mute(*, actor: Actor, whither: str) -> None: ...


@operation("试办不明", model=Person, roles=("student",))
def apply_unknown(
    *, actor: Actor, shoe: Annotated[str, FromElement("person.shoe_size"), Label("鞋码")]
) -> None: ...


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """No services but those of the test."""
    monkeypatch.setattr(offering, "_services", {})
    monkeypatch.setattr(offering, "_bundles", {})
    monkeypatch.setattr(offering, "_sources", [])


def whole(**changed: Any) -> dict[str, Any]:
    return {
        "area": AREA,
        "owner": "学工部",
        "apply": apply_whole,
        "who": ("student",),
        "guide": "试一试",
        **changed,
    }


def ids() -> list[str]:
    return [str(message.id) for message in offering.check_services()]


class TestFindings:
    def test_nothing_is_found_in_a_whole_one(self, fresh: None) -> None:
        service("whole", "试办", **whole())
        assert ids() == []

    @pytest.mark.parametrize(
        ("number", "changed"),
        [
            (1, {"apply": None}), (2, {"who": ("studnet",)}), (2, {"for_others": ("nobody",), "apply": None, "url": "/x/"}),
            (3, {"materials": (Material("鞋码", element="person.shoe_size"),)}), (3, {"apply": apply_unknown}), (4, {"apply": apply_mute}),
            (5, {"channel": "pigeon"}), (6, {"guide": ""}), (7, {"for_others": ("clerk",)}), (8, {"area": "生活"}),
        ],
    )  # fmt: skip
    def test_each_fault_has_its_number(self, fresh: None, number: int, changed: dict[str, Any]) -> None:
        service("faulty", "试办", **whole(**changed))
        assert ids() == [f"offering.E{number:03d}"]

    def test_applying_elsewhere_is_applying(self, fresh: None) -> None:
        service("elsewhere", "试办", **whole(apply=None, url="/elsewhere/"))
        assert ids() == []

    def test_two_of_one_name_are_refused_at_once(self, fresh: None) -> None:
        service("twin", "试办", **whole())
        with pytest.raises(TypeError, match="two services"):
            service("twin", "又试办", **whole())

    def test_those_of_this_installation_are_whole(self) -> None:
        assert ids() == []
        assert {one.area for one in offering.declared().values()} <= set(areas())

    def test_a_question_hangs_only_on_one_that_is_asked(self, fresh: None) -> None:
        service("one", "甲", **whole(asked_if=(AskedIf("nothing", "kind", ("a",)),)))

        assert "offering.E009" in ids()


class TestOffering:
    def test_a_designed_one_never_stands_in_front_of_a_declared_one(self, fresh: None) -> None:
        declared = service("one", "内置", **whole())
        services_from(
            lambda: [Service("one", "自建", AREA, "学工部"), Service("two", "自建", AREA, "学工部")]
        )

        assert [one.title for one in offering.offered()] == ["内置", "自建"]
        assert offering.service_named("one") is declared
        with pytest.raises(LookupError):
            offering.service_named("three")

    def test_a_bundle_of_one_is_none(self, fresh: None) -> None:
        service("one", "甲", **whole())
        bundle("pair", "一件事", services=("one", "missing"))
        assert offering.bundles() == []

        service("missing", "乙", **whole())
        assert [len(services) for _, services in offering.bundles()] == [2]

    def test_why_not_says_the_first_reason(self, fresh: None) -> None:
        one = service("one", "甲", **whole(opens_on=date(2026, 9, 1), closes_on=date(2026, 9, 30)))
        permission = frozenset({apply_whole.permission})
        student = Actor(
            account_id=1, person_id=1, name="李明", grants=(Grant("student", "学生", "own", permission),)
        )

        assert one.why_not(Actor.nobody(), on=date(2026, 9, 2)) == "这一事项面向学生"
        assert "开始受理" in str(one.why_not(student, on=date(2026, 8, 31)))
        assert one.why_not(student, on=date(2026, 9, 30)) is None
        assert "已截止" in str(one.why_not(student, on=date(2026, 10, 1)))


def test_a_process_that_several_share_names_none(fresh: None) -> None:
    service("one", "甲事", **whole(process="test.shared"))
    assert offering.service_of_process("test.shared") == service_named("one")

    service("two", "乙事", **whole(process="test.shared"))
    assert offering.service_of_process("test.shared") is None
