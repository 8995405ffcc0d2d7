"""Orders open where tolerance ends, one at a time; re-check closes or returns; deadlines, reminders, exemptions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from yanta.hub.quality import rules, services
from yanta.hub.quality.models import Exemption, FailingRow, Inspection, Order
from yanta.hub.quality.services import exemptions, orders, runs
from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.refused import NotAllowed, OutOfScope
from yanta.kernel.jobs.models import JobRun
from yanta.kernel.notify.models import Message
from yanta.kernel.people.models import Person
from yanta.masterdata.models import Student

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def run():
    def carried_out() -> Inspection:
        now = timezone.now()
        plan = runs.whole_plan(cause="schedule", on=timezone.localdate(now))
        return runs.inspect(plan, actor=Actor.system("test"), now=now)

    return carried_out


@pytest.fixture
def rule(rule_of):
    return rule_of("filled", "student", "phone", severity="severe")


@pytest.fixture
def order(rule, students, clerk, run):
    run()
    return Order.objects.get()


class TestOpening:
    def test_for_the_department_that_fails_by_its_own_clerks(self, order, college, students):
        assert (order.unit, order.handler, order.rows) == (college, college, [students[1].pk])
        assert order.due_on == TODAY() + timedelta(days=7)
        assert Message.objects.filter(template="quality.orders-opened").exists()

    def test_one_open_order_for_a_rule_and_a_department(self, order, run):
        run()
        assert Order.objects.count() == 1

    def test_none_within_tolerance(self, rule_of, students, run):
        rule_of("filled", "student", "phone", tolerance=50)
        run()
        assert not Order.objects.exists()

    def test_the_owner_where_a_department_has_nobody(self, rule, students, run, school):
        run()
        assert Order.objects.get().handler == school

    def test_the_owner_where_the_rule_says_so(self, rule_of, students, clerk, run, other_college):
        rule_of("filled", "student", "phone", handling="owner", owner=other_college)
        run()
        assert Order.objects.get().handler == other_college

    def test_by_hand_below_tolerance_too(self, rule_of, students, run, engineer, college, other_college):
        rule = rule_of("filled", "student", "phone", tolerance=90)
        run()
        due = TODAY() + timedelta(days=5)
        order = services.open_order(actor=engineer, rule=rule, unit=college, due=due)
        assert order.rows == [students[1].pk]
        with pytest.raises(Refused, match="已有未关闭"):
            services.open_order(actor=engineer, rule=rule, unit=college, due=due)
        with pytest.raises(Refused, match="没有不合这条规则"):
            services.open_order(actor=engineer, rule=rule, unit=other_college, due=due)

    def test_closes_by_itself_when_nothing_is_left(self, order, students, run):
        Person.objects.filter(pk=students[1].person_id).update(phone="13800000000")
        run()
        order.refresh_from_db()
        assert (order.state, order.ending, order.left) == ("done", "vanished", 0)


class TestHandling:
    def test_taken_handed_in_rechecked_and_closed(self, order, clerk, students):
        services.take(order, actor=clerk)
        assert (order.state, order.taken_by) == ("in_progress", clerk.name)
        Person.objects.filter(pk=students[1].person_id).update(phone="13800000000")
        services.hand_in(order, actor=clerk, note="已补")
        assert order.state == "reviewing"
        assert JobRun.objects.filter(name="hub.recheck_quality_order").exists()
        done = orders.recheck(order.pk, now=timezone.now())
        assert (done.state, done.ending, done.rounds) == ("done", "repaired", 1)

    def test_comes_back_with_what_is_left(self, order, clerk, students, run):
        Student.objects.filter(pk=students[0].pk).update(department=students[1].department)
        services.hand_in(order, actor=clerk, note="改好了")
        back = orders.recheck(order.pk, now=timezone.now())
        assert (back.state, back.remaining, back.rounds) == ("in_progress", [students[1].pk], 1)
        assert Message.objects.filter(template="quality.order-returned").exists()

    def test_another_departments_clerk_may_not(self, order, clerk_of, other_college):
        with pytest.raises(OutOfScope):
            services.take(order, actor=clerk_of(other_college))

    def test_not_twice(self, order, clerk):
        services.take(order, actor=clerk)
        with pytest.raises(Refused, match="不能接单"):
            services.take(order, actor=clerk)

    def test_extended_twice_at_most_and_not_by_much(self, order, clerk):
        due = order.due_on
        with pytest.raises(Refused, match="晚于现在"):
            services.extend(order, actor=clerk, until=due, reason="忙")
        with pytest.raises(Refused, match="最多延 14 天"):
            services.extend(order, actor=clerk, until=due + timedelta(days=15), reason="忙")
        for days in (1, 2):
            services.extend(order, actor=clerk, until=due + timedelta(days=days), reason="忙")
        with pytest.raises(Refused, match="最多延期 2 次"):
            services.extend(order, actor=clerk, until=due + timedelta(days=3), reason="忙")

    def test_withdrawn_by_the_centre_only(self, order, clerk, engineer):
        with pytest.raises(NotAllowed):
            services.withdraw(order, actor=clerk, reason="误派")
        services.withdraw(order, actor=engineer, reason="误派")
        assert (order.state, order.ending) == ("done", "withdrawn")


class TestReminding:
    def test_before_on_and_after_the_day(self):
        due = TODAY()
        kinds = {days: rules.reminder(due=due, on=due + timedelta(days=days)) for days in range(-3, 6)}
        assert kinds == {
            -3: "", -2: "before", -1: "", 0: "due", 1: "overdue", 2: "", 3: "", 4: "overdue", 5: "",
        }  # fmt: skip

    def test_what_is_late_is_marked_and_said_once_a_day(self, order):
        late = order.due_on + timedelta(days=1)
        assert orders.remind(on=late) == 1
        orders.remind(on=late)
        order.refresh_from_db()
        assert order.is_overdue
        assert Message.objects.filter(template="quality.order-reminder").count() == 1


class TestExemptions:
    def ask(self, clerk, **given):
        row = FailingRow.objects.get()
        until = TODAY() + timedelta(days=30)
        services.ask_exemption(row, actor=clerk, **{"reason": "外籍，无国内手机", "until": until, **given})
        return Exemption.objects.get()

    def test_counts_only_when_the_centre_agrees(self, order, clerk, engineer, run):
        asked = self.ask(clerk)
        assert run().results.get().failed == 1
        services.grant_exemption(asked, actor=engineer)
        result = run().results.get()
        assert (result.failed, result.exempted, result.repaired) == (0, 1, 0)
        order.refresh_from_db()
        assert order.state == "done"

    def test_ends_by_itself(self, order, clerk, engineer, run):
        asked = self.ask(clerk)
        services.grant_exemption(asked, actor=engineer)
        assert exemptions.expire(on=asked.until) == 0
        assert exemptions.expire(on=asked.until + timedelta(days=1)) == 1
        assert run().results.get().failed == 1

    def test_nobody_agrees_to_their_own(self, order, engineer):
        asked = self.ask(engineer)
        with pytest.raises(Refused, match="自己的申请"):
            services.grant_exemption(asked, actor=engineer)

    def test_needs_a_reason_and_an_end_within_a_year(self, order, clerk):
        with pytest.raises(Refused, match="理由"):
            self.ask(clerk, reason=" ")
        with pytest.raises(Refused, match="一年之内"):
            self.ask(clerk, until=TODAY() + timedelta(days=400))
        self.ask(clerk)
        with pytest.raises(Refused, match="已申请"):
            self.ask(clerk)
