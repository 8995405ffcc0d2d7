"""Large rosters: what is good lands, what is not waits with its original, twice is once, all or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Never

import pytest

from yanta.hub.loading import Counts, Landing, generated, land
from yanta.hub.models import Receipt, RosterEntry, RosterReject, Run
from yanta.hub.services import rosters
from yanta.kernel.base import Actor, ciphers

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 3000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    generated.write(tmp_path / "roster.csv", rows=ROWS)
    return tmp_path / "roster.csv"


def bring(file: Path, run: int) -> Counts:
    return land(file, Landing(rosters.address()), run=run)


def test_every_row_lands_or_waits(file: Path) -> None:
    counts = bring(file, 1)

    assert counts.adds_up
    assert counts.read == ROWS
    assert RosterEntry.objects.count() == counts.new
    assert RosterReject.objects.count() == counts.quarantined > 0
    assert counts.reasons["编号重复"] == ROWS // 1000


def test_a_held_row_keeps_its_line_and_its_original(file: Path) -> None:
    bring(file, 1)
    held = RosterReject.objects.order_by("line").first()
    assert held is not None
    delivered = file.read_text("utf-8").splitlines()[held.line - 1].split(",")
    assert ciphers.unseal(bytes(held.original)).split("\x1f")[0] == delivered[0]


def test_numbers_lie_sealed_and_can_be_found(file: Path) -> None:
    bring(file, 1)
    entry = RosterEntry.objects.exclude(id_index=None).first()
    assert entry is not None
    identity, _, _ = ciphers.unseal(bytes(entry.sealed)).split("\x1f")
    assert len(identity) == 18
    assert RosterEntry.objects.filter(id_index=ciphers.blind_index(identity)).exists()


def test_the_same_file_again_changes_nothing(file: Path) -> None:
    first, second = bring(file, 1), bring(file, 2)

    assert (second.unchanged, second.new, second.changed) == (first.new, 0, 0)
    assert not RosterEntry.objects.filter(run=2).exists()


def test_changed_rows_are_updated_and_no_others(file: Path, tmp_path: Path) -> None:
    bring(file, 1)
    generated.write(tmp_path / "later.csv", rows=ROWS, changed=0.05)
    counts = bring(tmp_path / "later.csv", 2)

    assert counts.new == 0
    assert RosterEntry.objects.filter(run=2).count() == counts.changed > 0


def test_a_landing_that_fails_at_the_end_leaves_nothing(file: Path) -> None:
    def fail(*_: object) -> Never:
        raise RuntimeError("the receipt could not be written")

    with pytest.raises(RuntimeError):
        land(file, Landing(rosters.address()), run=1, finish=fail)
    assert not RosterEntry.objects.exists()
    assert not RosterReject.objects.exists()


def test_a_landing_ends_with_a_receipt(file: Path) -> None:
    run = rosters.land_file(file, actor=Actor.system("hub"))

    assert run.state == Run.State.DONE
    assert Receipt.objects.get(run=run).document["counts"]["read"] == ROWS
