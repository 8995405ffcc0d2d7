"""The world of these tests: relations and processes are declared for one test and forgotten."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from yanta.kernel.operation.declare import _registry
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.workflow import declare, replay
from yanta.kernel.workflow.models import Instance
from yanta.kernel.workflow.tests import world as w
from yanta.kernel.workflow.tests.world import DECIDERS, EIGHT, World
from yanta.kernel.workflow.versions import draw, publish


@pytest.fixture(autouse=True)
def _declared_for_one_test() -> Iterator[None]:
    kept = [dict(one) for one in (declare._processes, declare._relations, declare._services)]
    calendar, verbs = list(declare._calendar), list(_registry)
    yield
    for registry, before in zip(
        (declare._processes, declare._relations, declare._services), kept, strict=True
    ):
        registry.clear()
        registry.update(before)
    declare._calendar[:] = calendar
    _registry[:] = verbs


@pytest.fixture
def world(college: OrgUnit) -> Iterator[World]:
    """When the test ends, the history of every matter must lead to its state."""
    found = World(college, relations={name: list(people) for name, people in DECIDERS.items()})
    for verb in (w.note, w.rub_out, w.again, w.no, w.decide):
        if verb not in _registry:
            _registry.append(verb)
    found.person("申")
    for name in (*DECIDERS, "free"):
        declare.relation(name, name)(lambda _unit, name=name: found.ids(name))
    yield found
    for instance in [] if found.is_tampered_with else Instance.objects.all():
        replay(instance)


@pytest.fixture
def drawn(world: World) -> Callable[..., str]:
    """`drawn(xml)`: declares a process over units, publishes the drawing, answers the key."""

    def make(xml: str, key: str = "test.eight", **options: Any) -> str:
        if key not in declare._processes:
            options = {"applicant": lambda _unit: world.id("申"), "owner": "", **options}
            declare.process(key, key, subject=OrgUnit, **options)
        from yanta.kernel.base import Actor

        publish(draw(key, key, base=key, xml=xml), actor=Actor.system("test"))
        return key

    return make


@pytest.fixture
def eight(drawn: Callable[..., str]) -> str:
    return drawn(EIGHT)
