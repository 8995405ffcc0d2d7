from datetime import date

import ibis
import pyarrow as pa
import pytest

from yanta.hub.merging.affiliations import affiliations
from yanta.hub.merging.authority import Authority, Rule
from yanta.hub.merging.golden import golden_values
from yanta.hub.schema import CLEAN

PHONE = ("student_affairs", "dormitory", "admissions")


def rule(element, population, rank, source):
    return Rule(element, element, population, rank, source, "")


AUTHORITY = Authority(
    (
        *(rule("phone", "本科生", rank, source) for rank, source in enumerate(PHONE, 1)),
        *(rule("name", "本科生", rank, source) for rank, source in enumerate(("academic", "dormitory"), 1)),
        *(rule("id_no", "本科生", rank, source) for rank, source in enumerate(("academic", "dormitory"), 1)),
        *(
            rule("birth_date", "本科生", rank, source)
            for rank, source in enumerate(("academic", "dormitory"), 1)
        ),
        rule("phone", "校友", 1, "alumni"),
        rule("staff_no", "教职工", 1, "personnel"),
    )
)


def row(row_id, source, **values):
    role = {"personnel": "staff", "alumni": "alumnus"}.get(source, "undergraduate")
    population = {"personnel": "教职工", "alumni": "校友"}.get(source, "本科生")
    plain = {"row_id": row_id, "source": source, "role": role, "population": population, "name_lossy": False}
    return plain | {"is_current": True, "id_valid": True, "issues": []} | values


@pytest.fixture
def golden():
    def run(*rows):
        backend = ibis.duckdb.connect()
        clean = backend.create_table("clean", pa.Table.from_pylist(list(rows), CLEAN))
        people = pa.table({"row_id": [one["row_id"] for one in rows], "person_key": ["P"] * len(rows)})
        matched = backend.create_table("matched", people)
        found = golden_values(backend, clean, matched, AUTHORITY).to_pyarrow().to_pylist()
        return {one["element"]: (one["value"], one["row_id"], one["basis"]) for one in found}

    return run


class TestPrecedence:
    def test_the_first_authority_that_has_a_value_gives_it(self, golden):
        found = golden(
            row(1, "admissions", phone="3"), row(2, "dormitory", phone="2"), row(3, "student_affairs")
        )

        assert found["phone"] == ("2", 2, "fallback")

    def test_sources_outside_the_agreement_give_nothing(self, golden):
        assert "phone" not in golden(row(1, "academic"), row(2, "card", phone="9"))

    def test_within_a_source_the_latest_row_speaks(self, golden):
        old = row(1, "dormitory", phone="1", recorded_on=date(2022, 9, 1))
        new = row(2, "dormitory", phone="2", recorded_on=date(2025, 9, 1))

        assert golden(new, old)["phone"][0] == "2"


class TestForms:
    def test_lossy_names_wrong_numbers_and_partial_births_do_not_count(self, golden):
        poor = row(
            1, "academic", name="徐承?", name_lossy=True, id_no="1", id_valid=False, birth_month="2004-08"
        )
        good = row(2, "dormitory", name="徐承䶮", id_no="2", birth_on=date(2004, 8, 17))

        found = golden(poor, good)

        assert {element: value for element, (value, *_) in found.items()} == {
            "name": "徐承䶮",
            "id_no": "2",
            "birth_date": "2004-08-17",
        }


class TestPopulation:
    def test_a_current_role_outweighs_a_former_one(self, golden):
        found = golden(row(1, "alumni", phone="1"), row(2, "personnel", staff_no="00201"))

        assert list(found) == ["staff_no"]

    def test_a_student_who_withdrew_stays_with_the_academic_office(self, golden):
        assert golden(row(1, "academic", name="王芳", is_current=False))["name"][0] == "王芳"


class TestAffiliations:
    def test_one_line_for_each_role_and_number_from_the_office_that_keeps_it(self):
        rows = [
            row(1, "card", ug_no="2022010101"),
            row(2, "academic", ug_no="2022010101", entry_year=2022, org_code="10100"),
            row(3, "personnel", staff_no="00201", entry_year=2026),
        ]
        backend = ibis.duckdb.connect()
        clean = backend.create_table("clean", pa.Table.from_pylist(rows, CLEAN))
        matched = backend.create_table("matched", pa.table({"row_id": [1, 2, 3], "person_key": ["P"] * 3}))

        found = affiliations(clean, matched).order_by("role").to_pyarrow().to_pylist()

        assert [(one["role"], one["number"], one["from_year"], one["source"]) for one in found] == [
            ("staff", "00201", 2026, "personnel"),
            ("undergraduate", "2022010101", 2022, "academic"),
        ]
