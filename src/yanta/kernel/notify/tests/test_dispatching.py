"""Merging, quiet hours, digests, falling back, pace: what leaves the house, and when."""

from datetime import time

import pytest
from django.core import mail

from yanta.kernel.notify import channel, dispatching, mark_read, recall, rules, send, template
from yanta.kernel.notify.models import Dispatch, Message, Preference
from yanta.kernel.testing.factories import PersonFactory

template("test.news", title="新闻 {{ n }}", body="正文 {{ n }}", channels=("mail",))
template("test.alarm", title="警报", channels=("mail",), urgent=True)
template("test.down", title="会失败", channels=("down",))
template("test.inside", title="只在站内")
State = Dispatch.State
ORDER = ("push", "wecom", "mail", "sms")


@channel
class Down:
    code = "down"

    def address_of(self, person):
        return "somewhere"

    def deliver(self, address, message):
        raise ConnectionError("no line")


@pytest.fixture
def person(db):
    return PersonFactory(email="li@example.edu.cn")


def news(person, *numbers):
    for n in numbers:
        send("test.news", to=[person.pk], context={"n": n})


class TestMerging:
    def test_ten_of_one_kind_become_one_letter_with_their_count(self, person, clock):
        news(person, *range(10))
        dispatching.dispatch_due()
        assert [letter.subject for letter in mail.outbox] == ["新闻 9（共 10 条）"]
        assert "• 新闻 0" in mail.outbox[0].body
        assert set(Dispatch.objects.values_list("state", "error")) == {("sent", "与同类 10 条合并为一条")}

    def test_what_follows_at_once_waits_ten_minutes_and_leaves_together(self, person, clock):
        news(person, 1)
        dispatching.dispatch_due()
        clock.advance(minutes=1)
        news(person, 2, 3)
        dispatching.dispatch_due()
        assert len(mail.outbox) == 1
        clock.advance(minutes=10)
        dispatching.dispatch_due()
        assert mail.outbox[1].subject == "新闻 3（共 2 条）"

    def test_urgent_ones_are_never_held_back_nor_merged(self, person, clock):
        for _ in range(3):
            send("test.alarm", to=[person.pk])
        dispatching.dispatch_due()
        assert [letter.subject for letter in mail.outbox] == ["警报"] * 3

    def test_another_persons_letters_stay_apart(self, person, clock):
        other = PersonFactory(email="wang@example.edu.cn")
        news(person, 1)
        news(other, 2)
        dispatching.dispatch_due()
        assert sorted(letter.to[0] for letter in mail.outbox) == ["li@example.edu.cn", "wang@example.edu.cn"]


class TestPreferences:
    def test_a_digest_gathers_what_came_until_its_time(self, person, clock):
        Preference.objects.create(person=person, digest_at=time(18))
        news(person, 1, 2)
        dispatching.dispatch_due()
        assert not mail.outbox
        clock.set(2026, 11, 20, 18, 1)
        dispatching.dispatch_due()
        assert mail.outbox[0].subject == "每日汇总：2 条消息"

    def test_own_quiet_hours_hold_and_urgent_passes_them(self, person, clock):
        Preference.objects.create(person=person, quiet_from=time(8), quiet_to=time(10))
        news(person, 1)
        send("test.alarm", to=[person.pk])
        dispatching.dispatch_due()
        assert [letter.subject for letter in mail.outbox] == ["警报"]
        clock.set(2026, 11, 20, 10, 0)
        dispatching.dispatch_due()
        assert len(mail.outbox) == 2

    def test_what_is_refused_stays_in_the_portal(self, person, clock):
        Preference.objects.create(person=person, choices={"test": {"mail": False}})
        news(person, 1)
        assert Message.objects.count() == 1
        assert not Dispatch.objects.exists()

    def test_english_readers_get_english(self, person, clock):
        template(
            "test.bilingual", title="{{ n }} 份材料", english=("{{ n }} papers", "", ""), channels=("mail",)
        )
        Preference.objects.create(person=person, language="en")
        other = PersonFactory()
        send("test.bilingual", to=[person.pk, other.pk], context={"n": 3})
        assert dict(Message.objects.values_list("person_id", "title")) == {
            person.pk: "3 papers",
            other.pk: "3 份材料",
        }

    def test_what_names_no_channel_stays_unless_chosen(self, person, clock):
        send("test.inside", to=[person.pk])
        assert not Dispatch.objects.exists()
        Preference.objects.create(person=person, choices={"test": {"mail": True}})
        send("test.inside", to=[person.pk])
        assert Dispatch.objects.get().channel == "mail"


class TestFallingBack:
    def test_a_dead_channel_hands_on_to_the_next(self, person, clock):
        send("test.down", to=[person.pk])
        for _ in range(6):
            dispatching.dispatch_due()
            clock.advance(hours=5)
        states = dict(Dispatch.objects.values_list("channel", "state"))
        assert states == {"down": State.FAILED, "mail": State.SENT}
        assert "no line" in Dispatch.objects.get(channel="down").error

    def test_a_channel_that_is_down_is_left_alone_for_this_round(self, db, clock):
        people = [PersonFactory().pk for _ in range(6)]
        send("test.down", to=people)
        assert dispatching.dispatch_due() == dispatching.FAILURES_IN_A_ROW

    def test_a_limited_channel_keeps_its_pace(self, db, clock, settings):
        settings.NOTIFY_PACES = {"mail": 2}
        people = [PersonFactory(email=f"p{n}@example.edu.cn").pk for n in range(5)]
        send("test.news", to=people, context={"n": 1})
        assert [dispatching.dispatch_due() for _ in range(2)] == [2, 0]
        clock.advance(minutes=2)
        assert dispatching.dispatch_due() == 2

    def test_what_was_read_in_the_portal_need_not_leave(self, student_actor, clock):
        send("test.news", to=[student_actor.person_id], context={"n": 1})
        mark_read(Message.objects.get(), actor=student_actor)
        dispatching.dispatch_due()
        row = Dispatch.objects.get()
        assert (row.state, row.error) == (State.SPARED, "已在站内阅读")

    def test_what_is_recalled_does_not_leave(self, person, clock):
        send("test.news", to=[person.pk], context={"n": 1}, once="k")
        assert recall("test.news", "k") == 1
        dispatching.dispatch_due()
        assert Dispatch.objects.get().state == State.SPARED
        assert not mail.outbox


class TestWays:
    def of(self, declared, **given):
        known = {"order": ORDER, "ready": {"wecom", "mail", "sms"}, "choices": {}, "has_push": False}
        return rules.ways(declared, **{**known, **given})

    def test_a_browser_comes_first_then_the_named_then_what_costs_nothing(self):
        assert self.of(("sms",), has_push=True) == ("push", "sms", "wecom", "mail")

    def test_a_text_that_costs_money_is_no_fallback(self):
        assert self.of(("mail",)) == ("mail", "wecom")

    def test_the_refused_is_left_out_unless_urgent(self):
        assert self.of(("mail",), choices={"mail": False, "wecom": False}) == ()
        assert self.of(("mail",), choices={"mail": False}, urgent=True) == ("mail", "wecom")

    def test_nothing_named_nothing_chosen_stays_inside(self):
        assert self.of(()) == ()
        assert self.of((), has_push=True) == ("push",)

    def test_long_lists_are_cut_and_say_so(self):
        title, body = rules.merged([f"t{n}" for n in range(25)])
        assert title == "t24（共 25 条）"
        assert body.endswith("…另有 5 条，请到消息中心查看")
