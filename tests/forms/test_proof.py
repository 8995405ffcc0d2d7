"""The small edition of `yanta bench documents`: every form for some awkward people; what each file must be, without printing it."""

from __future__ import annotations

import pytest

from yanta.kernel.documents import layout, printing
from yanta.kernel.documents.samples import SAMPLES
from yanta.kernel.documents.tests.proof import prove

pytestmark = pytest.mark.django_db  # boxes are told by the code tables
PEOPLE, PRINTED = 12, ("scholarship", "status-card")


@pytest.mark.parametrize("key", SAMPLES)
def test_every_cell_is_accounted_for_and_every_file_is_sound(key: str) -> None:
    proof = prove(SAMPLES[key], PEOPLE, printed=False)
    assert (proof.unsound, proof.lost, proof.unexplained, proof.wrongly_missing) == ({}, [], [], [])
    for cell in proof.cells:
        told = sum(cell.get(kind, 0) for kind in ("unmapped", "missing", "conflict", "broken"))
        assert cell["written"] + told <= PEOPLE, cell


@pytest.mark.skipif(not printing.is_available(), reason="LibreOffice is not installed here")
@pytest.mark.parametrize("key", PRINTED)
def test_whatever_people_are_called_the_form_keeps_its_layout(key: str) -> None:
    proof = prove(SAMPLES[key], 4)
    assert (proof.not_printed, proof.moved, proof.fewer_pages) == ({}, {}, [])
    assert max(proof.shares) < layout.ALLOWED
