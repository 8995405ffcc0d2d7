import ibis
import pyarrow as pa
import pytest

from yanta.hub.cleaning.rows import clean_rows
from yanta.hub.cleaning.vocabulary import load_vocabulary
from yanta.hub.intake.extraction import RAW
from yanta.hub.pipeline import SAMPLES
from yanta.hub.schema import CLEAN

PERSON = {
    "name": "陈巧芳",
    "staff_no": "00201",
    "id_no": "610331197911116327",
    "sex": "女",
    "birth": "1979/11/11",
}

SKIPPED = [
    ("合计\x1f858人", "858人", "total"),
    ("合 计\x1f\x1f", None, "total"),
    ("*** 共 3157 条记录 ***", "条记录", "total"),
    ("制表人：刘敏　　审核人：张建国", None, "footer"),
    ("注：本表含休学学生。", None, "footer"),
    ("\x1f\x1f", None, "blank"),
    ("----\x1f----", "----", "ruler"),
    ("学号\x1f姓名\x1f性别", "姓名", "header"),
]
JUDGED = [
    ({"name": "", "staff_no": "00201", "phone": "13912345678"}, "name_missing"),
    ({"name": "12345", "staff_no": "00201"}, "name_unreadable"),
    ({"name": "测试勿删", "staff_no": "00201"}, "test_row"),
    ({"name": "TEST001", "staff_no": "00201"}, "test_row"),
    ({"name": "张三", "id_no": "111111111111111111", "staff_no": "00201"}, "test_row"),
    ({"name": "李四", "staff_no": "test"}, "test_row"),
    ({"name": "李四", "staff_no": "00205", "surplus": True}, "cells_shifted"),
    ({"name": "张三", "staff_no": "00202"}, None),
    ({"name": "TESTA MARIO", "staff_no": "00203"}, None),
]
NAMES = {
    "陈　巧芳": ("陈巧芳", False),
    " 买买提•阿布都 ": ("买买提·阿布都", False),
    "vongsa  bounmy": ("VONGSA BOUNMY", False),
    "徐承?": ("徐承?", True),
    "王芳（大）": ("王芳", False),
}
NUMBERS = [
    ("FP2018001", "返聘", "other_no"),
    ("S20230001", "研究生", "grad_no"),
    ("2022010101", "本科生", "ug_no"),
    ("T000001", "校友", "other_no"),
    ("03764", "教工卡", "staff_no"),
]


def raw_row(row, source="personnel"):
    cells = "\x1f".join(str(value) for value in row.values())
    line = row.get("line", cells)
    filled = sum(bool(cell) for cell in line.split("\x1f"))
    base = {"file": "a.csv", "sheet": "", "source": source, "filled": filled, "line": line, "line_key": line}
    own = {"line", "surplus"}
    return (
        base
        | {"surplus": row.get("surplus", False)}
        | {f"raw_{k}": v for k, v in row.items() if k not in own}
    )


GROUPS = {
    "skipped": [raw_row({"line": line, "name": name}) for line, name, _ in SKIPPED],
    "judged": [raw_row(row) for row, _ in JUDGED],
    "person": [raw_row(PERSON)],
    "names": [raw_row({"name": name, "staff_no": "00204"}) for name in NAMES],
    "zeros": [raw_row(PERSON | {"staff_no": number}) for number in ("850", "2014014")],
    "numbers": [
        raw_row({"name": "王芳", "person_no": no, "category": kind}, "card") for no, kind, _ in NUMBERS
    ],
    "contact": [raw_row(PERSON | {"phone": "+86 139-1234-5678", "bank_account": "6299 2776 6747 7803 450"})],
    "doubted": [
        raw_row(
            PERSON
            | {
                "id_no": "610331197911116328",
                "ethnic": "火星",
                "phone": "12345",
                "title": "副高",
                "birth": "1979.11",
            }
        )
    ],
    "crossed": [raw_row(PERSON | {"sex": "男", "birth": "1979/11/12"})],
    "twice": [raw_row({"name": "王芳", "staff_no": "00777"})] * 2,
}


def clean_all():
    """All groups cleaned as one set: group to its judged lines and clean rows."""
    backend = ibis.duckdb.connect()
    rows = [
        row | {"row": number}
        for number, row in enumerate((one for group in GROUPS.values() for one in group), 1)
    ]
    raw = backend.create_table("raw", pa.Table.from_pylist(rows, RAW))
    found = clean_rows(backend, raw, load_vocabulary(SAMPLES / "reference"))
    judged = {row["row"]: row for row in found.judged.to_pyarrow().to_pylist()}
    clean = {row["row"]: row for row in found.clean.to_pyarrow().to_pylist()}
    numbers = iter(range(1, len(rows) + 1))
    places = {name: [next(numbers) for _ in group] for name, group in GROUPS.items()}
    return {
        name: ([judged[n] for n in place], [clean.get(n) for n in place]) for name, place in places.items()
    }


@pytest.fixture(scope="module")
def cleaned():
    return clean_all()


class TestVerdicts:
    def test_lines_that_are_no_data_are_skipped_by_kind(self, cleaned):
        judged, clean = cleaned["skipped"]

        assert [row["skip_kind"] for row in judged] == [kind for _, _, kind in SKIPPED]
        assert clean == [None] * len(SKIPPED)

    def test_each_reason_for_holding_a_row_back(self, cleaned):
        judged, clean = cleaned["judged"]

        assert [row["reason"] for row in judged] == [reason for _, reason in JUDGED]
        assert [row is None for row in clean] == [reason is not None for _, reason in JUDGED]


class TestValues:
    def test_the_contract_is_kept_to_the_column(self, cleaned):
        (row,) = cleaned["person"][1]

        assert list(row) == CLEAN.names
        assert (row["role"], row["population"], row["staff_no"], row["sex"]) == (
            "staff",
            "教职工",
            "00201",
            "2",
        )
        assert (row["id_valid"], str(row["birth_on"]), row["issues"]) == (True, "1979-11-11", [])

    def test_names_as_on_the_document(self, cleaned):
        assert [(row["name"], row["name_lossy"]) for row in cleaned["names"][1]] == list(NAMES.values())

    def test_a_staff_number_gets_its_zeros_back(self, cleaned):
        assert [row["staff_no"] for row in cleaned["zeros"][1]] == ["00850", "2014014"]

    def test_numbers_go_by_kind(self, cleaned):
        rows = cleaned["numbers"][1]

        assert [row[kind] for row, (_, _, kind) in zip(rows, NUMBERS, strict=True)] == [
            no for no, _, _ in NUMBERS
        ]

    def test_phones_and_accounts_without_separators(self, cleaned):
        (row,) = cleaned["contact"][1]

        assert (row["phone"], row["bank_account"]) == ("13912345678", "6299277667477803450")


class TestIssues:
    def test_values_are_set_aside_and_the_row_goes_on(self, cleaned):
        (row,) = cleaned["doubted"][1]

        assert {issue["code"] for issue in row["issues"]} == {
            "id_bad_check",
            "ethnic_unknown",
            "phone_invalid",
            "title_unknown",
            "birth_partial",
        }
        assert (row["id_valid"], row["ethnic"], row["birth_on"], row["birth_month"]) == (
            False,
            None,
            None,
            "1979-11",
        )

    def test_birth_and_sex_are_compared_with_the_identity_number(self, cleaned):
        (row,) = cleaned["crossed"][1]

        assert {issue["code"] for issue in row["issues"]} == {"birth_not_as_id", "sex_not_as_id"}


class TestRepeats:
    def test_the_second_of_two_equal_rows_points_to_the_first(self, cleaned):
        first, second = cleaned["twice"][1]

        assert (first["duplicate_of"], second["duplicate_of"]) == (None, first["row_id"])

    def test_the_same_lines_give_the_same_rows(self, cleaned):
        assert clean_all() == cleaned
