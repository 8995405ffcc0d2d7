"""The package's own data keeps its promises."""

import pytest

from yanta.kernel.codes import packaged
from yanta.kernel.codes.rules.elements import length_of

CARDS = packaged.cards()


def test_all_sets_and_codes_are_there():
    assert len(CARDS) == 276
    assert sum(len(packaged.entries_of(set_id)) for set_id in CARDS) == 23_911


@pytest.mark.parametrize("set_id", CARDS)
def test_a_set_is_sound(set_id):
    entries = packaged.entries_of(set_id)
    codes = {entry.code for entry in entries}
    width = max(len(form) for form in [*codes, *_flagged(entries)])

    assert len(codes) == len(entries)
    assert all(entry.name for entry in entries)
    assert {entry.parent for entry in entries} - {""} <= codes
    assert CARDS[set_id].width == width
    assert CARDS[set_id].hierarchical == any(entry.parent for entry in entries)
    assert CARDS[set_id].verdict in {
        "complete",
        "complete-single-source",
        "partial",
        "from-knowledge-needs-check",
    }


def _flagged(entries):
    """Majors are also written with their flags, so the field must hold them."""
    for entry in entries:
        yield entry.attributes.get("code_with_flags", "") or entry.code + entry.attributes.get("flags", "")


@pytest.mark.parametrize("name", ["ALIASES", "RETIRED"])
def test_what_is_added_names_codes_that_exist(name):
    for row in packaged.rows_of(packaged.DATA / f"{name}.csv"):
        assert row["code"] in packaged.table(row["set"]).entries, row


def test_no_alias_contradicts_a_code_or_a_name():
    for set_id in CARDS:
        table = packaged.table(set_id)
        for written, code in packaged._written_aliases().get(set_id, ()):
            assert table.code_of(written) == code, (set_id, written)


def test_successors_exist_in_their_set():
    for row in packaged.rows_of(packaged.DATA / "RETIRED.csv"):
        if row["successor"]:
            assert row["successor"] in packaged.table(row["successor_set"]).entries


def test_the_same_identifier_in_several_subsets_is_several_uses():
    keys = [(row["source"], row["subset"].split(" ")[0], row["element_id"]) for row in packaged.elements()]
    assert len(keys) == len(set(keys)) == 1_390
    assert len({identifier for _, _, identifier in keys}) < len(keys)


@pytest.mark.parametrize(
    ("identifier", "length"), [("PRQKM", "2"), ("ZBDWXZM", "2"), ("LYM", "3"), ("ZWJBM", "3")]
)
def test_where_standard_and_code_set_disagree_the_code_set_wins(identifier, length):
    row = next(row for row in packaged.elements() if row["element_id"] == identifier and row["code_file"])
    widths = [CARDS[set_id].width for set_id in row["code_file"].split(";")]
    assert length_of(row["length"], widths) != row["length"]
    assert length_of(row["length"], widths) == length


def test_a_length_without_a_code_set_stays():
    assert length_of("10,2", []) == "10,2"
