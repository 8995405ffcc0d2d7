"""A province and a school, joined: two database servers, two parent processes, made once for all tests here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.nodes.installations import (
    Installation,
    Station,
    copy_server,
    fill_server,
    station,
    wait_until_answered,
)
from yanta.hub.exchange.tests import servers
from yanta.kernel.testing.processes import free_port

STUDENTS = 300


@dataclass(frozen=True, slots=True)
class Pair:
    """The two nodes and the parents of their processes; nothing of theirs runs until a test starts it."""

    province: Installation
    school: Installation
    above: Station
    below: Station


@pytest.fixture
def pair(joined: Pair) -> Iterator[Pair]:
    """The two, with nothing running; what a test leaves running is ended."""
    yield joined
    for one in (joined.below, joined.above):
        one.stop()


@pytest.fixture(scope="session")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    if servers.postgres_binaries() is None:
        pytest.skip("no PostgreSQL server here whose processes could be killed")
    home = tmp_path_factory.mktemp("nodes")
    with ExitStack() as stack:
        filled, other = (stack.enter_context(servers.postgres()) for _ in range(2))
        fill_server(filled)
        copy_server(filled, other)
        nodes = [
            Installation(filled, _folder(home, "province"), "610000", "province", "陕西省", free_port()),
            Installation(other, _folder(home, "school"), "4161010001", "school", "测试大学", free_port()),
        ]
        above, below = (stack.enter_context(station(node)) for node in nodes)
        made = Pair(*nodes, above, below)
        _join(made)
        yield made


def _folder(home: Path, name: str) -> Path:
    (home / name).mkdir()
    return home / name


def _join(pair: Pair) -> None:
    assert [pair.above.answer(), pair.below.answer()] == ["ready", "ready"]
    code = pair.above.step("invite", pair.school.code, pair.school.name)
    pair.below.step("fill", STUDENTS)
    # A person lets the node in; here the word is given beforehand, as the state that follows the code.
    pair.province.execute(
        "CREATE FUNCTION let_in() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN IF NEW.state = 'pending' THEN NEW.state := 'active'; END IF; RETURN NEW; END$$"
    )
    pair.province.execute(
        "CREATE TRIGGER let_in BEFORE UPDATE ON nodes_node FOR EACH ROW EXECUTE FUNCTION let_in()"
    )
    pair.above.start("serve")
    wait_until_answered(pair.province)
    pair.below.step("join", pair.province.url, code)
    pair.above.stop("serve")
