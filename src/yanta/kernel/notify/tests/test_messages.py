from datetime import UTC, datetime, time

import pytest
from django.core import mail
from jinja2 import UndefinedError

from yanta.kernel.jobs.events import JobEnded
from yanta.kernel.notify import (
    channel,
    dispatching,
    mark_all_read,
    mark_read,
    receipt_of,
    rules,
    send,
    template,
    unread_of,
)
from yanta.kernel.notify.handlers import tell_who_started
from yanta.kernel.notify.models import Dispatch, Message
from yanta.kernel.testing.factories import PersonFactory

template("test.plain", title="{{ what }}好了")
template("test.mail", title="{{ what }}好了", body="请查收 {{ what }}。", channels=("mail",))
template("test.urgent", title="紧急", channels=("mail",), urgent=True)
template("test.broken", title="会失败", channels=("broken",))


@channel
class Broken:
    code = "broken"

    def address_of(self, person):
        return "somewhere"

    def deliver(self, address, message):
        raise ConnectionError("no line")


@pytest.fixture
def person(db):
    return PersonFactory(email="li@example.edu.cn")


class TestSend:
    def test_puts_a_message_before_each_person_once(self, person):
        other = PersonFactory()

        assert (
            send("test.plain", to=[person.pk, other.pk, person.pk], context={"what": "证书"}, link="/x/") == 2
        )

        message = Message.objects.get(person=person)
        assert (message.title, message.link, message.read_at) == ("证书好了", "/x/", None)

    def test_with_a_key_a_person_is_told_only_once(self, person):
        other = PersonFactory()
        send("test.mail", to=[person.pk], context={"what": "一"}, once="k1")

        assert send("test.mail", to=[person.pk, other.pk], context={"what": "二"}, once="k1") == 1
        assert Message.objects.filter(person=person).count() == 1
        assert Dispatch.objects.count() == 2

    def test_a_missing_value_is_the_callers_bug(self, person):
        with pytest.raises(UndefinedError):
            send("test.plain", to=[person.pk])

    def test_an_undeclared_message_is_the_callers_bug(self, person):
        with pytest.raises(LookupError):
            send("test.nothing", to=[person.pk])

    def test_twenty_thousand_people_cost_few_statements(self, db, django_assert_max_num_queries):
        people = [PersonFactory().pk for _ in range(30)]

        with django_assert_max_num_queries(8):
            send("test.mail", to=people, context={"what": "通知"})


class TestMail:
    def test_goes_out_with_the_link(self, person, clock, settings):
        settings.SITE_ADDRESS = "https://campus.example.edu.cn"
        send("test.mail", to=[person.pk], context={"what": "证书\n"}, link="/x/")

        assert dispatching.dispatch_due() == 1

        letter = mail.outbox[0]
        assert letter.to == ["li@example.edu.cn"]
        assert letter.subject == "证书 好了"
        assert "https://campus.example.edu.cn/x/" in letter.body
        assert dispatching.dispatch_due() == 0

    def test_waits_for_the_morning_unless_urgent(self, person, clock):
        clock.set(2026, 11, 20, 23, 30)
        send("test.mail", to=[person.pk], context={"what": "证书"})
        send("test.urgent", to=[person.pk])
        dispatching.dispatch_due()
        assert [letter.subject for letter in mail.outbox] == ["紧急"]

        clock.set(2026, 11, 21, 7, 1)
        dispatching.dispatch_due()

        assert len(mail.outbox) == 2

    def test_to_nobody_ends(self, db, clock):
        send("test.urgent", to=[PersonFactory(email="").pk])
        dispatching.dispatch_due()

        assert Dispatch.objects.get().state == Dispatch.State.NOWHERE

    def test_that_fails_is_tried_again_and_given_up_in_the_end(self, person, clock):
        send("test.broken", to=[person.pk])
        for _ in range(len(dispatching.PAUSES) + 1):
            dispatching.dispatch_due()
            clock.advance(hours=5)

        row = Dispatch.objects.get(channel="broken")
        assert (row.state, row.attempts) == (Dispatch.State.FAILED, 5)
        assert "no line" in row.error


class TestQuietHours:
    NIGHT = (time(22), time(7))

    @pytest.mark.parametrize(
        ("at", "then"),
        [
            ("2026-11-20T12:00", "2026-11-20T12:00"),
            ("2026-11-20T22:00", "2026-11-21T07:00"),
            ("2026-11-20T06:59", "2026-11-20T07:00"),
        ],
    )
    def test_over_midnight(self, at, then):
        assert rules.next_polite(datetime.fromisoformat(at), quiet=self.NIGHT) == datetime.fromisoformat(then)

    def test_within_a_day_or_none(self):
        noon = datetime(2026, 11, 20, 13, tzinfo=UTC)

        assert rules.next_polite(noon, quiet=(time(12), time(14))).hour == 14
        assert rules.next_polite(noon, quiet=None) == noon
        assert rules.quiet_hours("22:00-07:00") == self.NIGHT


class TestReading:
    def test_counts_what_is_unread(self, student_actor):
        for what in "甲乙丙":
            send("test.plain", to=[student_actor.person_id], context={"what": what})
        mark_read(Message.objects.first(), actor=student_actor)
        assert unread_of(student_actor) == 2

        assert mark_all_read(actor=student_actor) == 2
        assert unread_of(student_actor) == 0

    def test_a_receipt_counts_only_the_recipients_own_reading(self, student_actor, engineer):
        send("test.plain", to=[student_actor.person_id, engineer.person_id], context={"what": "甲"}, once="k")
        message = Message.objects.get(person_id=student_actor.person_id)
        mark_read(message, actor=engineer)
        assert receipt_of("test.plain", "k").read == 0
        mark_read(message, actor=student_actor)

        receipt = receipt_of("test.plain", "k")

        assert (receipt.sent, receipt.read, receipt.unread_person_ids) == (2, 1, (engineer.person_id,))


class TestJobs:
    @pytest.mark.parametrize(
        ("state", "seconds", "told"), [("done", 3, 0), ("done", 6, 1), ("failed", 1, 1), ("cancelled", 9, 0)]
    )
    def test_long_or_failed_work_comes_back_as_a_message(self, person, engineer, state, seconds, told):
        tell_who_started(
            JobEnded(1, state, "导入", person.pk, seconds, "1000 行", "第 3 行有误"), actor=engineer
        )

        assert Message.objects.filter(person=person, link="/jobs/1/").count() == told
