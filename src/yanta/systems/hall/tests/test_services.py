"""Handing in, what the process does to it, rating, designing, several at once."""

from base64 import b64decode
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from yanta.kernel import workflow
from yanta.kernel.audit.models import AuditEntry
from yanta.kernel.base import Refused
from yanta.kernel.files import may_read
from yanta.kernel.files.storing import store
from yanta.kernel.identity.models import Account
from yanta.kernel.testing import deliver, published
from yanta.kernel.workflow.models import WorkItem
from yanta.kernel.workflow.offering import Bundle
from yanta.systems.hall import demo, events, services
from yanta.systems.hall.models import Affair, Attachment, Design, Matter, Rating, Version
from yanta.systems.hall.queries import designed, mine
from yanta.systems.hall.rules import duties
from yanta.systems.hall.services import affairs, designing, handing_in, rating
from yanta.systems.hall.tests.conftest import QUESTIONS, design_of

State = Matter.State
# One transparent pixel.
PNG = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def decide(matter, verb, actor, **more):
    item = WorkItem.objects.get(instance=matter.instance_id, person_id=actor.person_id, state="todo")
    workflow.act(item, verb, actor=actor, **more)
    matter.refresh_from_db()


class TestHandingIn:
    def test_keeps_answers_with_their_sources_and_counts_what_was_spared(self, card, applicant, hand_in):
        matter = hand_in(card, applicant, f1="损坏")

        assert matter.answers["values"] == {"f1": "损坏", "f3": "李明", "f4": "lm@yanta.cn"}
        assert matter.answers["sources"]["f3"]["element"] == "person.name"
        assert (matter.saved, matter.asked) == (2, 1)
        assert matter.state == State.OPEN
        assert published(events.MatterHandedIn)[-1].saved == 2

    def test_asks_the_department(self, card, applicant, hand_in, office_clerk):
        matter = hand_in(card, applicant, f1="损坏")

        assert (
            WorkItem.objects.get(instance=matter.instance, state="todo").person_id == office_clerk.person_id
        )
        assert matter.due_on == duties.working_days_after(timezone.localdate(), 2)

    def test_is_done_once_however_often_it_is_sent(self, card, applicant, hand_in):
        token = uuid4()

        assert hand_in(card, applicant, token, f1="损坏") == hand_in(card, applicant, token, f1="损坏")
        assert Matter.objects.count() == 1

    def test_its_files_are_read_by_whom_it_asks_and_nobody_else(
        self, card, applicant, hand_in, office_clerk, acting, college
    ):
        matter = hand_in(card, applicant, f1="损坏")
        file = store(
            "说明.txt.png", ContentFile(PNG), actor=applicant, purpose="hall.answer", owner_id=applicant.person_id,
            allow=("png",),
        )  # fmt: skip
        Attachment.objects.create(matter=matter, question="f9", file=file)

        assert may_read(file, applicant)
        assert may_read(file, office_clerk)
        assert not may_read(file, acting("teacher", college))

    def test_of_a_closed_service_is_refused(self, card, applicant, engineer):
        services.close(card, actor=engineer, reason="整改")

        assert designed.version_in_force("card") is None
        assert not designed.open_designs()

    def test_shows_only_whom_it_concerns(self, card, applicant, hand_in, office_clerk, acting, other_college):
        matter = hand_in(card, applicant, f1="损坏")

        assert mine.is_shown_to(matter, applicant)
        assert mine.is_shown_to(matter, office_clerk)
        assert not mine.is_shown_to(matter, acting("student", other_college))
        assert not mine.is_shown_to(matter, acting("clerk", other_college))


class TestProcess:
    def test_settles(self, card, applicant, hand_in, office_clerk):
        matter = hand_in(card, applicant, f1="损坏")

        decide(matter, "approve", office_clerk, opinion="已制卡")

        assert (matter.state, matter.opinion) == (State.DONE, "已制卡")
        assert matter.ended_at is not None

    def test_refuses_with_a_reason(self, card, applicant, hand_in, office_clerk):
        matter = hand_in(card, applicant, f1="损坏")

        decide(matter, "refuse", office_clerk, opinion="卡没有坏")

        assert (matter.state, matter.opinion) == (State.REFUSED, "卡没有坏")

    def test_returns_and_goes_on_when_mended(self, card, applicant, hand_in, office_clerk):
        matter = hand_in(card, applicant, f1="损坏")
        decide(matter, "return", office_clerk, opinion="原因写错了")
        assert matter.state == State.RETURNED
        assert mine.of_person(applicant.person_id).get().awaits_mending
        item = WorkItem.objects.get(instance=matter.instance, person_id=applicant.person_id, state="todo")

        filled = handing_in.Filled(
            values={"f1": "遗失", "f2": "2026-11-01"}, version=matter.version, asked=2, saved=2
        )
        handing_in.hand_in_mended(matter, filled, item=item, actor=applicant)

        matter.refresh_from_db()
        assert matter.state == State.OPEN
        assert not mine.of_person(applicant.person_id).get().awaits_mending
        assert matter.answers["values"]["f1"] == "遗失"
        decide(matter, "approve", office_clerk)
        assert matter.state == State.DONE

    def test_is_taken_back_by_the_applicant(self, card, applicant, hand_in):
        matter = hand_in(card, applicant, f1="损坏")

        workflow.act(matter.instance, "withdraw", actor=applicant)

        matter.refresh_from_db()
        assert matter.state == State.WITHDRAWN

    def test_cannot_end_twice(self, card, applicant, hand_in, office_clerk, engineer):
        matter = hand_in(card, applicant, f1="损坏")
        decide(matter, "approve", office_clerk)
        item = WorkItem.objects.get(instance=matter.instance, state="done")

        with pytest.raises(Refused):
            workflow.act(item, "approve", actor=office_clerk)

        deliver()
        matter.refresh_from_db()
        assert matter.state == State.DONE


class TestRating:
    @pytest.fixture
    def over(self, card, applicant, hand_in, office_clerk):
        matter = hand_in(card, applicant, f1="损坏")
        decide(matter, "approve", office_clerk)
        return matter

    def test_once_after_the_end_by_the_applicant(self, over, applicant):
        rating.rate_own(over, stars=5, text="", actor=applicant)

        assert Rating.objects.get().answer_due_on is None
        with pytest.raises(Refused, match="评价过"):
            rating.rate_own(over, stars=5, text="", actor=applicant)
        with pytest.raises(IntegrityError), transaction.atomic():
            Rating.objects.create(
                matter=over, service="card", title="x", stars=4, rated_on=timezone.localdate()
            )

    def test_not_by_others_and_not_before_the_end(self, over, card, applicant, hand_in, office_clerk):
        with pytest.raises(Refused, match="本人"):
            rating.rate_own(over, stars=5, text="", actor=office_clerk)
        with pytest.raises(Refused, match="办结以后"):
            rating.rate_own(hand_in(card, applicant, f1="损坏"), stars=5, text="", actor=applicant)

    def test_a_low_one_says_why_and_is_owed_an_answer(self, over, applicant, office_clerk):
        with pytest.raises(Refused, match="哪里不满意"):
            rating.rate_own(over, stars=1, text=" ", actor=applicant)

        rating.rate_own(over, stars=1, text="等了三天", actor=applicant)
        found = Rating.objects.get()
        assert found.owes_answer
        assert found.answer_due_on == duties.answer_due_on(1, on=timezone.localdate())

        services.answer(found, actor=office_clerk, text="向您致歉")
        assert not found.owes_answer
        with pytest.raises(Refused, match="答复过"):
            services.answer(found, actor=office_clerk, text="又来")

    def test_by_its_verb_leaves_the_stars_out_of_the_audit(self, over, applicant):
        services.rate(over, stars=Rating.Stars.BAD, text="等了三天", actor=applicant)

        entry = AuditEntry.objects.filter(action="hall.matter.rate").latest("pk")
        assert Rating.objects.get().stars == Rating.Stars.BAD
        assert not {"stars", "text"} & set(entry.data)

    def test_tells_the_department_and_never_who_wrote_it(self, over, applicant, office_clerk):
        from yanta.kernel.notify.models import Message

        rating.rate_own(over, stars=2, text="慢", actor=applicant)
        deliver()

        told = Message.objects.get(template="hall.to_answer")
        assert told.person_id == office_clerk.person_id
        assert "李明" not in told.title + told.body


class TestDesigning:
    def test_publishing_keeps_the_version_of_what_was_handed_in(self, card, applicant, hand_in, engineer):
        before = hand_in(card, applicant, f1="损坏")
        card.layout = {"parts": [{"title": "申请", "questions": QUESTIONS[:1]}]}
        card.save()

        services.publish(card, actor=engineer, note="少问两项")

        assert designed.version_in_force("card").number == 2
        assert before.version.number == 1
        assert len(designed.form_of(before.version).questions) == 4

    def test_refuses_what_cannot_be_filled_in(self, office, engineer):
        design = Design.objects.create(key="x", title="空", area="后勤", department=office, guide="x")

        with pytest.raises(Refused, match="还没有任何内容"):
            services.publish(design, actor=engineer, note="")
        assert not Version.objects.exists()

    def test_refuses_an_element_that_nobody_keeps(self, office, engineer):
        layout = {"parts": [{"questions": [{"name": "a", "label": "甲", "element": "person.shoe_size"}]}]}
        assert "不存在" in designing.faults_of(layout)[0]

    def test_refuses_a_process_of_other_nouns(self, db):
        assert designing.refusal_of_process("hall.handling") is None
        assert "没有可用于自建事项的流程" in designing.refusal_of_process("leave.absence")

    def test_is_refused_to_another_department(self, card, acting, other_college):
        with pytest.raises(Refused):
            designing.draw(card, {"parts": []}, actor=acting("head", other_college))


class TestAffair:
    @pytest.fixture
    def two(self, card, office):
        other = design_of(office, "refund", "退款", QUESTIONS[2:])
        return [designed.service_of(card), designed.service_of(other)]

    def filled(self, service):
        version = designed.version_in_force(service.key)
        return handing_in.Filled(values={"f1": "损坏"}, version=version, asked=1, saved=2)

    def test_opens_a_matter_in_every_department_once(self, two, applicant):
        token, bundle = uuid4(), Bundle("leaving", "离校", ("card", "refund"))
        chosen = [(one, self.filled(one)) for one in two]

        affair = affairs.hand_in(bundle, chosen, actor=applicant, token=token)

        assert affairs.hand_in(bundle, chosen, actor=applicant, token=token) == affair
        assert [one.service for one in affair.matters.order_by("pk")] == ["card", "refund"]
        assert all(one.instance_id for one in affair.matters.all())

    def test_all_or_none(self, two, applicant, monkeypatch):
        real = handing_in.hand_in

        def second_refused(service, *args, **options):
            if service.key == "refund":
                raise Refused("没有余额")
            return real(service, *args, **options)

        monkeypatch.setattr(handing_in, "hand_in", second_refused)
        with pytest.raises(Refused, match="“退款”：没有余额"):
            affairs.hand_in(
                Bundle("leaving", "离校", ("card", "refund")), [(one, self.filled(one)) for one in two], actor=applicant,
                token=uuid4(),
            )  # fmt: skip
        assert not Affair.objects.exists()
        assert not Matter.objects.exists()


def test_a_matter_of_the_demo_takes_the_time_that_people_take(card, applicant, office_clerk):
    account = Account.objects.get(pk=applicant.account_id)
    demo._handed_in(account, "card", {"f1": "损坏"}, (demo.APPROVE,))

    matter = Matter.objects.get()
    assert (matter.state, matter.instance.state) == (State.DONE, "ended")
    assert matter.ended_at - matter.handed_in_at >= timedelta(hours=1)
    assert matter.number.startswith(f"{timezone.localtime(matter.handed_in_at):%Y%m%d}")
