"""What is given back goes on to whoever waits, in order; a swap is whole or nothing."""

import pytest

from yanta.kernel.base import Refused
from yanta.kernel.testing.factories import OrgUnitFactory
from yanta.systems.course_selection import services
from yanta.systems.course_selection.models import (
    Decision,
    Enrolment,
    Sheet,
    Waiting,
)
from yanta.systems.course_selection.tests.factories import taken

pytestmark = pytest.mark.django_db


class TestGiveBack:
    def test_a_dropped_seat_is_free_again(self, ask, student, place):
        one, film = student(), place(1)
        ask(one, "take", film)

        assert ask(one, "drop", film).words == "已退课"

        assert (taken(film), Enrolment.objects.count(), Sheet.objects.get().credits) == (0, 0, 0)
        assert ask(one, "drop", film).code == "absent"

    @pytest.mark.parametrize("backwards", [False, True])
    def test_a_swap_is_whole_or_nothing(self, ask, student, place, backwards):
        one, first, second = student(), place(1), place(1, name="音乐")
        old, new = (second, first) if backwards else (first, second)
        ask(one, "take", old)

        assert ask(one, "swap", new, old).outcome == "granted"
        assert (taken(old), taken(new)) == (0, 1)

        other = student()
        ask(other, "take", old)
        assert ask(other, "swap", new, old).code == "full"
        assert (taken(old), taken(new)) == (1, 1)
        assert Enrolment.objects.get(student=other).place == old
        assert Sheet.objects.get(student=other).credits == 2

    def test_a_swap_between_sections_of_one_course(self, ask, student, place):
        one, film = student(), place(1, times=[(1, 1, 2, "1-16")])
        again = place(1, course=film.course, times=[(1, 2, 3, "1-16")])
        ask(one, "take", film)

        assert ask(one, "swap", again, film).outcome == "granted"


@pytest.mark.django_db(transaction=True)
class TestWaiting:
    def test_in_order_past_whom_a_rule_stops(self, ask, student, place):
        film, clash = place(1, times=[(1, 1, 2, "1-16")]), place(1, name="音乐", times=[(1, 2, 3, "1-16")])
        holder, first, second = student(), student(), student()
        ask(holder, "take", film)
        answers = [ask(one, "wait", film) for one in (first, second)]
        ask(first, "take", clash)
        assert [one.detail for one in answers] == ["1", "2"]
        assert ask(student(), "take", film).code == "queue"

        ask(holder, "drop", film)

        assert Enrolment.objects.get(place=film).student == second
        assert not Waiting.objects.exists()
        fills = Decision.objects.filter(verb="fill").order_by("pk")
        assert [(one.student, one.outcome, one.code) for one in fills] == [
            (first, "refused", "time"), (second, "granted", ""),
        ]  # fmt: skip

    def test_more_seats_go_to_those_who_wait(self, ask, student, place, acting, school):
        film, one = place(1), student()
        ask(student(), "take", film)
        ask(one, "wait", film)
        registry = acting(
            "clerk", OrgUnitFactory.create(parent=school, code="2010", name="教务处", kind="office")
        )

        services.change_capacity(film.pools.get(), actor=registry, capacity=2, reason="换了大教室")

        assert Enrolment.objects.filter(place=film, student=one).exists()
        with pytest.raises(Refused, match="2 人"):
            services.change_capacity(film.pools.get(), actor=registry, capacity=1, reason="换了小教室")
        with pytest.raises(Refused, match="超出范围"):
            services.change_capacity(film.pools.get(), actor=registry, capacity=10**12, reason="写错了")

    def test_forced_past_the_rules_with_a_reason(self, ask, student, place, acting, school):
        film, one = place(1), student()
        ask(student(), "take", film)
        registry = acting(
            "clerk", OrgUnitFactory.create(parent=school, code="2010", name="教务处", kind="office")
        )

        services.add_student(film, actor=registry, student=one, reason="交换生")

        assert (film.pools.get().taken, film.pools.get().capacity) == (2, 2)
        forced = Decision.objects.get(verb="add")
        assert (forced.by, forced.reason) == (registry.name, "交换生")
        with pytest.raises(Refused, match="已选"):
            services.add_student(film, actor=registry, student=one, reason="再来")
        services.remove_student(film, actor=registry, student=one, reason="误加")
        assert film.pools.get().taken == 1
