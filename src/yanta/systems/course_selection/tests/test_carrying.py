"""An edited section stands at its place at once; whom the change shuts out is listed and told, and keeps the seat."""

from datetime import timedelta

import pytest
from django.utils import timezone

from yanta.kernel.notify.models import Message
from yanta.kernel.testing.factories import OrgUnitFactory
from yanta.masterdata.models import Campus
from yanta.systems.course_selection import queries, services
from yanta.systems.course_selection.models import Enrolment, LanguageLevel, Place, Pool, Round, Waiting
from yanta.systems.course_selection.rules import seating
from yanta.systems.course_selection.services import carrying, fill
from yanta.systems.course_selection.views.console import ConsoleView
from yanta.systems.offerings import public as offerings


@pytest.fixture
def said(monkeypatch):
    """What the offerings say of a section."""
    known = {}

    def say(place, *seats, capacity=30, language="中文", campus=None):
        kept = tuple(offerings.SeatsView(place.section_id, *one) for one in seats)
        known[place.section_id] = offerings.SectionTerms(capacity, language, campus, (), kept)

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


class TestCapacity:
    def test_a_raised_one_goes_to_those_who_wait_in_order(
        self, place, student, ask, said, clerk, django_capture_on_commit_callbacks
    ):
        film, first, second, third = place(1), student(), student(), student()
        ask(student(), "take", film)
        for one in (first, second, third):
            ask(one, "wait", film)
        said(film, capacity=3)

        with django_capture_on_commit_callbacks(execute=True):
            assert carrying.carry_capacity(film.section_id)

        assert set(
            Enrolment.objects.filter(student__in=[first, second, third]).values_list("student", flat=True)
        ) == {first.pk, second.pk}
        assert [one.student for one in Waiting.objects.all()] == [third]
        assert list(film.pools.values_list("capacity", "taken")) == [(3, 3)]
        message = Message.objects.get(person=clerk.person_id)
        assert "由 1 个变为 3 个" in message.body
        assert not carrying.carry_capacity(film.section_id)

    def test_a_lowered_one_takes_no_seat_away_and_closes_as_people_leave(
        self, place, student, ask, said, clerk
    ):
        film, people = place(5), [student() for _ in range(4)]
        for one in people:
            ask(one, "take", film)
        waits = student()
        said(film, capacity=2)

        carrying.carry_capacity(film.section_id)

        film.refresh_from_db()
        assert (film.closing, film.pools.get().capacity, film.pools.get().taken) == (2, 4, 4)
        assert "超出容量 2 人" in told(clerk.person_id)[0]
        ask(waits, "wait", film)
        left = []
        for one in people[:3]:
            ask(one, "drop", film)
            film.refresh_from_db()
            left.append((film.closing, film.pools.get().capacity, film.pools.get().taken))
        assert left == [(1, 3, 3), (0, 2, 2), (0, 2, 1)]
        fill(film.pk)
        assert Enrolment.objects.filter(student=waits, place=film).exists()

    def test_seats_kept_for_some_close_too_and_those_that_are_free_go_first(
        self, place, student, ask, said, maker, college, clerk
    ):
        film = place(3)
        Pool.objects.create(place=film, grade=2026, capacity=2)
        one = student()
        ask(one, "take", film)
        said(film, (None, 2026, None, 2), capacity=4)
        carrying.carry_capacity(film.section_id)
        assert set(film.pools.values_list("grade", "capacity")) == {(None, 2), (2026, 2)}

        said(film, (None, 2026, None, 2), capacity=0)
        carrying.carry_capacity(film.section_id)
        film.refresh_from_db()
        assert set(film.pools.values_list("grade", "capacity", "taken")) == {(None, 0, 0), (2026, 1, 1)}

        ask(one, "drop", film)
        assert sum(film.pools.values_list("capacity", flat=True)) == 0

    def test_a_swap_that_finds_no_seat_closes_none(self, place, student, ask, said):
        film, full, one = place(2), place(0, name="音乐"), student()
        ask(one, "take", film)
        ask(student(), "take", film)
        said(film, capacity=1)
        carrying.carry_capacity(film.section_id)

        assert ask(one, "swap", full, film).code == "full"
        film.refresh_from_db()
        assert (film.closing, film.pools.get().capacity, film.pools.get().taken) == (1, 2, 2)

        Pool.objects.filter(place=full).update(capacity=1)
        assert ask(one, "swap", full, film).outcome == "granted"
        film.refresh_from_db()
        assert (film.closing, film.pools.get().capacity, film.pools.get().taken) == (0, 1, 1)

    def test_the_console_has_the_last_word(self, place, student, ask, said, clerk):
        film, one = place(2), student()
        ask(one, "take", film)
        ask(student(), "take", film)
        said(film, capacity=1)
        carrying.carry_capacity(film.section_id)

        services.change_capacity(film.pools.get(), actor=clerk, capacity=3, reason="换了大教室")

        film.refresh_from_db()
        assert (film.closing, film.pools.get().capacity) == (0, 3)
        ask(one, "drop", film)
        assert film.pools.get().capacity == 3

    def test_another_language_does_not_touch_what_the_console_changed(self, place, said, clerk):
        film = place(7)
        said(film, language="英文", capacity=5)

        carrying.carry([film.section_id])

        assert film.pools.get().capacity == 7

    def test_the_console_shows_where_they_differ(self, rf, place, clerk, monkeypatch, window):
        film, music = place(7), place(4, name="音乐")
        Place.objects.filter(pk=film.pk).update(closing=2)
        held = {film.section_id: 5, music.section_id: 4}
        monkeypatch.setattr(offerings, "capacities_of", lambda term: held)
        assert queries.differing(window.term) == {film.pk: 5}

        whole, narrowed = (console(rf, clerk, asked) for asked in ({}, {"differs": "1"}))

        assert "音乐" in whole
        assert "音乐" not in narrowed
        for text in (whole, narrowed):
            assert "开课 5" in text
            assert "超 2 人" in text
            assert "座位与开课容量不一致" in text


def test_the_console_links_only_sections_in_scope(rf, place, clerk, clerk_of, other_college, window):
    film = place(7)
    link = f"/course_selection/place/{film.pk}/"

    assert link in console(rf, clerk, {})
    assert link not in console(rf, clerk_of(other_college), {})
    assert film.number in console(rf, clerk_of(other_college), {})


def console(rf, actor, asked):
    shown, request = ConsoleView(), rf.get("/", asked)
    request.actor = actor
    shown.setup(request)
    return shown.get(request).content.decode()


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
