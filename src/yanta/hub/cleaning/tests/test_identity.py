import ibis
import pyarrow as pa
import pytest

from yanta.hub.cleaning import identity
from yanta.hub.cleaning.sets import national_set

CASES = {
    "110105194912310020": "id_bad_check",
    "110105194913310021": "id_bad_date",
    "999999194912310025": "id_unknown_division",
    "111111111111111111": "id_placeholder",
    "123456789012345678": "id_placeholder",
    "610000190001010000": "id_placeholder",
}


@pytest.fixture(scope="module")
def faults():
    """Number to fault, for the standard's vectors, the cases above and a division revoked in 1983."""
    vectors = [row["value"] for row in national_set("CHECKSUM_VECTORS") if row["standard"] == "GB 11643"]
    backend = ibis.duckdb.connect()
    table = backend.create_table("numbers", pa.table({"no": [*vectors, *CASES]}))
    ever = backend.create_table(
        "ever", pa.table({"code": [row["code"] for row in national_set("GBT2260_HISTORY")]})
    )
    long = table.mutate(long=identity.lengthen_column(table.no))
    joined = long.left_join(ever, long.long.substr(0, 6) == ever.code)
    found = (
        joined.select("no", fault=identity.fault_in(long.long, ever.code.notnull())).to_pyarrow().to_pylist()
    )
    return {row["no"]: row["fault"] for row in found}


class TestFaults:
    def test_the_vectors_of_the_standard(self, faults):
        vectors = [row for row in national_set("CHECKSUM_VECTORS") if row["standard"] == "GB 11643"]

        assert [faults[row["value"]] is None for row in vectors] == [
            row["expect"].startswith("valid") for row in vectors
        ]

    def test_each_fault_by_name(self, faults):
        assert {number: faults[number] for number in CASES} == CASES


class TestLengthening:
    def test_fifteen_digits_are_raised_and_others_left(self):
        table = ibis.duckdb.connect().create_table("t", pa.table({"no": ["110105491231002", "H19875507"]}))

        found = table.select(no=identity.lengthen_column(table.no)).to_pyarrow()["no"].to_pylist()

        assert found == ["11010519491231002X", "H19875507"]
