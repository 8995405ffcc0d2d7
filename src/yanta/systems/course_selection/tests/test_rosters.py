"""Class lists for whoever teaches the section and for the registry; nobody else."""

from __future__ import annotations

import io

import openpyxl
import pytest

from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.testing.factories import OrgUnitFactory
from yanta.masterdata.models import StaffMember
from yanta.systems.course_selection import queries
from yanta.systems.course_selection.adapters import rosters
from yanta.systems.course_selection.resources import PlaceResource
from yanta.systems.course_selection.views.rosters import RosterView
from yanta.systems.offerings import public as offerings

pytestmark = pytest.mark.django_db


@pytest.fixture
def registry(acting, school):
    return acting("clerk", OrgUnitFactory.create(parent=school, code="2010", name="教务处", kind="office"))


@pytest.fixture
def teacher(acting, maker, college):
    found = acting("teacher", college)
    StaffMember.objects.create(**maker.values(StaffMember, college) | {"person_id": found.person_id})
    return found


@pytest.fixture
def teaches(monkeypatch):
    """The offerings say which sections somebody teaches."""
    return lambda *sections: monkeypatch.setattr(
        offerings, "taught_by", lambda staff: set(sections) if list(staff) else set()
    )


def get(rf, view, actor, **asked):
    shown = view()
    request = rf.get("/", asked.pop("query", {}))
    request.actor = actor
    shown.setup(request, **asked)
    return shown.get(request, **asked)


class TestWho:
    def test_the_teacher_of_the_section_and_the_registry(self, place, teacher, registry, teaches):
        film, music = place(), place(name="音乐")
        teaches(film.section_id)

        assert queries.may_see_roster(teacher, film)
        assert not queries.may_see_roster(teacher, music)
        assert queries.may_see_roster(registry, music)

    @pytest.mark.parametrize("role", ["student", "head", "leader", "clerk"])
    def test_nobody_else(self, rf, place, acting, college, teaches, role):
        film = place()
        teaches()

        with pytest.raises(NotAllowed, match="任课教师"):
            get(rf, RosterView, acting(role, college), key=film.pk)

    def test_taught_by_reads_the_offerings(self, teacher):
        assert offerings.taught_by([]) == set()


class TestFiles:
    @pytest.fixture
    def film(self, place, student, ask):
        found = place(3, teachers="王芳")
        for one in (student(number="20260002"), student(number="20260001")):
            ask(one, "take", found)
        return found

    def test_the_page_says_where_grades_come_from(self, rf, film, registry):
        text = get(rf, RosterView, registry, key=film.pk).content.decode()

        assert text.count("成绩不在这里登记") == 1

    def test_excel_in_the_order_of_numbers(self, rf, film, registry):
        answer = get(rf, RosterView, registry, key=film.pk, query={"format": "xlsx"})

        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        assert "电影欣赏选课名单" in rows[0][0]
        assert tuple(rows[1]) == rosters.HEAD
        assert [(row[0], row[1], row[5]) for row in rows[2:]] == [
            ("1", "20260001", "初修"), ("2", "20260002", "初修"),
        ]  # fmt: skip

    def test_on_paper(self, rf, film, registry):
        answer = get(rf, RosterView, registry, key=film.pk, query={"format": "pdf"})

        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")

    def test_a_name_is_never_markup(self, film):
        named = rosters.pdf("#pagebreak()", "*x*", [["1", "$x$", "", "", ""]], made="")
        assert named.startswith(b"%PDF")


def test_a_teacher_finds_the_own_sections_with_their_sizes(place, term, teacher, student, ask, teaches):
    film = place(3)
    place(name="音乐")
    ask(student(), "take", film)
    teaches(film.section_id)

    (mine,) = queries.places_taught_by(teacher, term)

    assert (mine, mine.students) == (film, 1)


def test_the_record_leads_to_the_list_only_whom_it_lets_in(place, acting, registry, college):
    film = place()

    assert ("选课名单", f"/course-selection/roster/{film.pk}/") in PlaceResource().pages_for(film, registry)
    assert not PlaceResource().pages_for(film, acting("leader", college))
