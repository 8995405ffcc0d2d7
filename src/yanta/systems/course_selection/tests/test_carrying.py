"""An edited section stands at its place at once; whom the change shuts out is listed and told, and keeps the seat."""

from datetime import timedelta

import pytest
from django.utils import timezone

from yanta.kernel.notify.models import Message
from yanta.kernel.testing.factories import OrgUnitFactory
from yanta.masterdata.models import Campus
from yanta.systems.course_selection import queries
from yanta.systems.course_selection.models import Enrolment, LanguageLevel, Pool, Round, Waiting
from yanta.systems.course_selection.rules import seating
from yanta.systems.course_selection.services import carrying
from yanta.systems.offerings import public as offerings


@pytest.fixture
def said(monkeypatch):
    """What the offerings say of a section."""
    known = {}

    def say(place, *seats, language="中文", campus=None):
        kept = tuple(offerings.SeatsView(place.section_id, *one) for one in seats)
        known[place.section_id] = offerings.SectionTerms(language, campus, (), kept)

    monkeypatch.setattr(offerings, "terms_of", lambda keys: {key: known[key] for key in keys if key in known})
    return say


@pytest.fixture
def clerk(acting, school):
    return acting("clerk", OrgUnitFactory.create(parent=school, code="2010", name="教务处", kind="office"))


def told(person_id):
    return list(Message.objects.filter(person=person_id).order_by("pk").values_list("title", flat=True))


class TestLanguage:
    def test_before_the_round_opens_it_is_carried_and_nobody_is_told(self, place, window, said, clerk):
        Round.objects.filter(pk=window.pk).update(opens_at=timezone.now() + timedelta(days=1))
        film = place()
        said(film, language="英文")

        assert carrying.carry([film.section_id]) == 1

        film.refresh_from_db()
        assert film.language == "英文"
        assert not Message.objects.exists()

    def test_who_no_longer_fits_is_listed_and_keeps_the_seat(self, place, student, ask, said, clerk):
        film = place(3, least_level=4)
        able, unable, waits = student(), student(), student()
        for one in (able, unable, waits):
            LanguageLevel.objects.create(student=one, language="中文", level=9)
        LanguageLevel.objects.create(student=able, language="英文", level=6)
        ask(able, "take", film)
        ask(unable, "take", film)
        Waiting.objects.create(place=film, student=waits)
        said(film, language="英文")

        carrying.carry([film.section_id])

        listed = queries.unfit_rows(film.__class__.objects.get(pk=film.pk))
        assert [(one, held) for one, held, _ in listed] == [(unable, "已选"), (waits, "候补中")]
        assert "英文水平 4 级" in listed[0][2]
        assert set(Enrolment.objects.values_list("student", flat=True)) == {able.pk, unable.pk}
        assert "不再符合" in told(unable.person_id)[0]
        assert "不再符合" in told(waits.person_id)[0]
        assert told(able.person_id) == [f"课程有变：{film}"]
        body = Message.objects.get(person=clerk.person_id).body
        assert "由中文改为英文" in body
        assert "2 名" in body

    def test_who_did_not_fit_before_is_not_told_that_all_is_well(self, place, student, ask, said, clerk):
        film, one = place(), student()
        ask(one, "take", film)
        film.least_level = 4
        film.save()
        said(film, language="英文")

        carrying.carry([film.section_id])

        assert "不再符合" in told(one.person_id)[0]
        assert "1 名" in Message.objects.get(person=clerk.person_id).body

    def test_what_is_the_same_is_told_to_nobody(self, place, student, ask, said):
        film = place()
        ask(student(), "take", film)
        said(film, campus=film.campus_id)
        film.teachers = ""
        film.save()

        assert carrying.carry([film.section_id]) == 0
        assert not Message.objects.exists()

    def test_another_campus_counts_for_the_way_between(
        self, place, student, ask, said, maker, college, clerk
    ):
        here, there = maker.make(Campus, college), maker.make(Campus, college)
        film = place(times=[(1, 1, 2, "1-16")], campus=here)
        music = place(name="音乐", times=[(1, 3, 4, "1-16")], campus=here)
        one = student()
        ask(one, "take", film)
        ask(one, "take", music)
        said(music, campus=there.pk)

        carrying.carry([music.section_id])

        music.refresh_from_db()
        assert [(who, held) for who, held, _ in queries.unfit_rows(music)] == [(one, "已选")]


class TestSeats:
    def test_kept_for_a_campus_come_from_those_for_everybody(self, place, said, maker, college):
        film, campus = place(30), maker.make(Campus, college)
        said(film, (None, None, campus.pk, 10))

        assert carrying.carry_seats(film.section_id)
        assert dict(film.pools.values_list("campus", "capacity")) == {None: 20, campus.pk: 10}

        said(film)
        carrying.carry_seats(film.section_id)
        assert dict(film.pools.values_list("campus", "capacity")) == {None: 30}

    def test_who_has_a_seat_keeps_it_and_what_is_short_is_told(self, place, student, ask, said, clerk):
        film = place(2)
        Pool.objects.create(place=film, grade=2026, capacity=1)
        for _ in range(3):
            ask(student(), "take", film)
        said(film, (None, 2025, None, 2))

        carrying.carry_seats(film.section_id)

        assert Enrolment.objects.count() == 3
        assert set(film.pools.values_list("grade", "capacity", "taken")) == {
            (None, 2, 2), (2026, 1, 1), (2025, 0, 0),
        }  # fmt: skip
        assert "还差 2 个" in Message.objects.get(person=clerk.person_id).body


@pytest.mark.parametrize(
    ("wanted", "taken", "spare", "kept"),
    [
        ({"a": 5}, {"a": 0}, 9, ({"a": 5}, 0)),
        ({"a": 5}, {"a": 2}, 1, ({"a": 3}, 2)),
        ({}, {"a": 2}, 9, ({"a": 2}, 0)),
        ({"a": 1}, {"a": 2, "b": 0}, 0, ({"a": 2, "b": 0}, 0)),
    ],
)
def test_seats_are_kept_as_far_as_they_are_free(wanted, taken, spare, kept):
    assert seating.kept(wanted, taken, spare=spare) == kept
