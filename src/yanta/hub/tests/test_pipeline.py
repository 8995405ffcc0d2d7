import pytest

from yanta.hub.intake.mapping import MemoryStore
from yanta.hub.pipeline import SAMPLES, UnconfirmedError, run_rosters, write_scorer_files
from yanta.hub.tests.dirty import write_dirty
from yanta.hub.tests.scoring import score


@pytest.fixture(scope="module")
def store():
    return MemoryStore()


@pytest.fixture(scope="module")
def result(store):
    return run_rosters(SAMPLES, mapping_store=store, accept_mapping=True)


class TestSampleRosters:
    def test_reaches_what_was_promised(self, result):
        found = score(result)

        assert (found.precision >= 0.999, found.f1 >= 0.998) == (True, True), found
        assert (found.quarantine_recall >= 0.98, found.quarantine_precision >= 0.95) == (True, True), found
        assert found.golden >= 0.995, found
        assert found.vanished == 0

    def test_every_receipt_adds_up(self, result):
        for line in result.receipts.to_pylist():
            assert line["read"] == line["accepted"] + line["quarantined"] + line["skipped"]
        total = sum(result.receipts["read"].to_pylist())
        assert total == result.accepted.num_rows + result.quarantined.num_rows + result.skipped.num_rows

    def test_every_held_row_keeps_its_line_and_says_why(self, result):
        assert all(row["line"] and row["sentence"].endswith("。") for row in result.quarantined.to_pylist())

    def test_each_golden_value_names_its_row(self, result):
        assert set(result.golden["row_id"].to_pylist()) <= set(result.accepted["row_id"].to_pylist())

    def test_the_same_files_give_the_same_tables(self, result, store):
        again = run_rosters(SAMPLES, mapping_store=store)

        for name in ("accepted", "quarantined", "skipped", "clusters", "golden", "affiliations", "receipts"):
            assert getattr(again, name).equals(getattr(result, name)), name

    def test_writes_what_the_scorer_reads(self, result, tmp_path):
        paths = {name: tmp_path / f"{name}.csv" for name in ("clusters", "quarantine", "golden")}

        write_scorer_files(result, **paths)

        heads = {name: path.read_text("utf-8").splitlines()[0] for name, path in paths.items()}
        assert heads == {
            "clusters": "file,sheet,row,person_id",
            "quarantine": "file,sheet,row,reason",
            "golden": "person_id,element,value",
        }


class TestConfirmation:
    def test_nothing_runs_on_a_mapping_that_nobody_confirmed(self, tmp_path):
        (tmp_path / "名单.csv").write_text("学号,姓名,手机\n2022010101,王芳,13912345678\n", encoding="utf-8")

        with pytest.raises(UnconfirmedError) as caught:
            run_rosters(tmp_path)

        assert [one.grid.file for one in caught.value.planned] == ["名单.csv"]


class TestOtherRosters:
    def test_other_headers_orders_formats_and_spellings(self, tmp_path):
        """Measured on files made with headers that the dictionary was not written from."""
        written = write_dirty(SAMPLES, tmp_path, seed=11)
        moved = {one.origin: one.key for one in written if one.origin}

        result = run_rosters(
            tmp_path,
            accept_mapping=True,
            reference=SAMPLES / "reference",
            authority=SAMPLES / "authority.csv",
        )
        found = score(result, moved=moved)

        assert (found.precision >= 0.999, found.f1 >= 0.995) == (True, True), found
        assert (found.quarantine_recall >= 0.95, found.golden >= 0.97) == (True, True), found
        assert found.vanished == 0
