"""Notices: whom they reach, who decides, who read, who confirmed, who hears of those who did not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from yanta.kernel.access.actors import actor_of
from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed, OutOfScope
from yanta.kernel.identity.models import Account
from yanta.kernel.jobs import Progress
from yanta.kernel.notify import audiences, dispatching, letters, notices, reading, send, template
from yanta.kernel.notify.models import Dispatch, Message, Notice, Preference, Wording
from yanta.kernel.testing.factories import AccountFactory, AffiliationFactory, OrgUnitFactory, PersonFactory

template("folded.kind", title="第 {{ n }} 条")
template("test.lost", title="没有地址", channels=("mail",))
Status = Notice.Status


@pytest.fixture
def students(college):
    people = [
        PersonFactory(home_unit=college, name=f"学生{n}", email=f"s{n}@example.edu.cn") for n in range(3)
    ]
    for person in people:
        AccountFactory(person=person)
        AffiliationFactory(person=person, org_unit=college)
    return people


@pytest.fixture
def counsellor(college, acting):
    return acting("counsellor", college, name="王辅导员")


def written(actor, unit, **given):
    notice = notices.compose(
        actor=actor,
        title="停水通知",
        body="周六停水。",
        audience=f"unit:{unit.pk}",
        **({"only": "students"} | given),
    )
    if notice.status == Status.APPROVED and notice.send_at is None:
        notices.deliver(notice.pk, Progress())
        notice.refresh_from_db()
    return notice


def signed_in(person):
    return actor_of(Account.objects.get(person=person))


class TestCompose:
    def test_everybody_of_the_unit_gets_it_once(self, counsellor, college, students):
        notice = written(counsellor, college)
        notices.deliver(notice.pk, Progress())
        assert (notice.status, notice.recipients) == (Status.DONE, 3)
        assert Message.objects.filter(notice=notice).count() == 3

    def test_a_person_of_two_audiences_is_one_recipient(self, counsellor, college, students):
        notice = notices.compose(
            actor=counsellor, title="好", body="好", audience=f"unit:{college.pk} person:{students[0].number}",
            only=Notice.Only.STUDENTS,
        )  # fmt: skip
        assert notice.recipients == 3

    def test_beyond_ones_reach_is_refused(self, counsellor, college, other_college, students):
        with pytest.raises(Refused, match="不在您的管理范围内"):
            written(counsellor, other_college)
        stranger = PersonFactory(home_unit=other_college)
        AccountFactory(person=stranger)
        with pytest.raises(Refused, match="1 人不在您的管理范围内"):
            notices.compose(actor=counsellor, title="好", body="好", audience=f"person:{stranger.number}")
        with pytest.raises(Refused, match="不在您的管理范围内"):
            notices.compose(
                actor=counsellor, title="好", body="好", audience=f"unit:{college.pk} unit:{other_college.pk}"
            )

    def test_students_write_to_nobody(self, student_actor, college):
        with pytest.raises(NotAllowed):
            written(student_actor, college)

    @pytest.mark.parametrize(
        ("audience", "said"), [("", "发给谁"), ("unit:x", "看不懂"), ("moon:1", "这类"), ("person:none", "没有编号"), ("unit:999999", "不存在")]
    )  # fmt: skip
    def test_what_is_not_understood_is_said(self, counsellor, audience, said):
        with pytest.raises(Refused, match=said):
            notices.compose(actor=counsellor, title="好", body="好", audience=audience)

    def test_people_without_an_account_are_counted_and_said(self, counsellor, college, students):
        PersonFactory(home_unit=college)
        reached = audiences.people_in(f"unit:{college.pk}", only="", actor=counsellor)
        assert (reached.count, reached.without, reached.beyond) == (4, 1, 0)

    @pytest.mark.parametrize("link", ["javascript:alert(1)", "//evil.example", "http://evil.example"])
    def test_a_link_leads_nowhere_strange(self, counsellor, college, students, link):
        with pytest.raises(Refused, match="链接"):
            written(counsellor, college, link=link)


class TestManyPeople:
    @pytest.fixture(autouse=True)
    def _few(self, settings):
        settings.NOTICE_LIMIT = 2

    def test_wait_for_a_second_persons_word(self, counsellor, college, students, acting):
        dean = acting("head", college)
        notice = written(counsellor, college)
        assert (notice.status, Message.objects.filter(notice=notice).count()) == (Status.PENDING, 0)
        assert Message.objects.filter(person_id=dean.person_id, template="notice.to_approve").exists()
        notices.approve(notice, actor=dean)
        notices.deliver(notice.pk, Progress())
        assert Message.objects.filter(notice=notice).count() == 3

    def test_nobody_approves_their_own(self, college, students, acting):
        dean = acting("head", college)
        with pytest.raises(Refused, match="别人批准"):
            notices.approve(written(dean, college), actor=dean)

    def test_a_refusal_is_told_with_its_reason(self, counsellor, college, students, acting):
        notice = written(counsellor, college)
        notices.refuse(notice, actor=acting("head", college), opinion="请先核实时间")
        notices.deliver(notice.pk, Progress())
        assert not Message.objects.filter(notice=notice).exists()
        assert "核实" in Message.objects.get(person_id=counsellor.person_id, template="notice.decided").body


class TestTime:
    def test_one_for_later_waits(self, counsellor, college, students, clock):
        written(counsellor, college, send_at=timezone.now() + timedelta(hours=2))
        assert notices.begin_due() == 0
        clock.advance(hours=3)
        assert notices.begin_due() == 1
        assert notices.begin_due() == 0

    def test_not_in_the_past_nor_confirmed_before_it_is_sent(self, counsellor, college, students, clock):
        now = timezone.now()
        with pytest.raises(Refused, match="不早于现在"):
            written(counsellor, college, send_at=now - timedelta(days=1))
        with pytest.raises(Refused, match="晚于发送时间"):
            written(counsellor, college, send_at=now + timedelta(days=2), confirm_by=now + timedelta(days=1))


class TestReceipt:
    def test_adds_up_as_people_read_and_confirm(self, counsellor, college, students):
        notice = written(counsellor, college, needs_confirmation=True)
        first, second, _ = Message.objects.filter(notice=notice).order_by("pk")
        reading.mark_read(first, actor=signed_in(first.person))
        reading.confirm(second, actor=signed_in(second.person))
        assert notices.receipt_of(notice) == {
            "recipients": 3, "read": 2, "unread": 1, "confirmed": 1, "unconfirmed": 2,
        }  # fmt: skip

    def test_only_the_recipient_confirms(self, counsellor, college, students):
        written(counsellor, college, needs_confirmation=True)
        with pytest.raises(Refused, match="本人"):
            reading.confirm(Message.objects.filter(needs_confirmation=True)[0], actor=counsellor)

    def test_marking_all_read_confirms_nothing(self, counsellor, college, students):
        written(counsellor, college, needs_confirmation=True)
        assert reading.mark_all_read(actor=signed_in(students[0])) == 0

    def test_a_reminder_goes_to_the_unread_once_an_hour(self, counsellor, college, students, clock):
        notice = written(counsellor, college)
        message = Message.objects.filter(notice=notice)[0]
        reading.mark_read(message, actor=signed_in(message.person))
        assert notices.remind(notice, actor=counsellor) == "已提醒 2 人"
        with pytest.raises(Refused, match="一小时内"):
            notices.remind(notice, actor=counsellor)

    def test_who_answers_for_the_silent_hears_their_names_once(
        self, counsellor, college, students, clock, acting
    ):
        writer = acting("clerk", college)
        notice = written(writer, college, confirm_by=timezone.now() + timedelta(days=1))
        confirmed = Message.objects.filter(notice=notice)[0]
        reading.confirm(confirmed, actor=signed_in(confirmed.person))
        assert notices.report_overdue() == 0
        clock.advance(days=2)
        assert notices.report_overdue() == 1
        assert notices.report_overdue() == 0
        told = Message.objects.get(template="notice.unconfirmed")
        assert (told.person_id, "2 人逾期" in told.title) == (counsellor.person_id, True)
        assert confirmed.person.name not in told.body

    def test_the_nearest_superior_is_asked(self, college, school, acting):
        section = OrgUnitFactory(parent=college, code="0101")
        far, near = acting("head", college), acting("head", section)
        person = PersonFactory(home_unit=section)
        assert audiences.superiors_of([person.pk, near.person_id]) == {
            person.pk: [near.person_id], near.person_id: [far.person_id],
        }  # fmt: skip


class TestRecall:
    def test_nobody_reads_it_any_more_and_nothing_more_goes_out(
        self, counsellor, college, students, client, clock
    ):
        notice = written(counsellor, college)
        notices.recall(notice, actor=counsellor, reason="时间有误")
        dispatching.dispatch_due()
        assert set(Dispatch.objects.filter(message__notice=notice).values_list("state", flat=True)) <= {
            "spared"
        }
        message = Message.objects.filter(notice=notice, person=students[0]).get()
        client.force_login(Account.objects.get(person=students[0]))
        shown = client.get(f"/messages/{message.pk}/").content.decode()
        assert "时间有误" in shown
        assert "周六停水" not in shown

    def test_another_college_does_not_recall(self, counsellor, college, other_college, students, acting):
        notice = written(counsellor, college)
        with pytest.raises(OutOfScope):
            notices.recall(notice, actor=acting("counsellor", other_college), reason="x")


class TestPages:
    @pytest.fixture
    def notice(self, counsellor, college, students):
        return written(counsellor, college, needs_confirmation=True)

    def open(self, client, actor, path):
        client.force_login(Account.objects.get(pk=actor.account_id))
        return client.get(path)

    def test_the_writer_reads_the_receipt(self, notice, counsellor, client):
        text = self.open(client, counsellor, f"/notices/{notice.pk}/").content.decode()
        assert "账目相符" in text
        assert "学生1" in text

    def test_strangers_do_not(self, notice, client, acting, other_college, student_actor):
        for actor in (acting("counsellor", other_college), student_actor):
            assert self.open(client, actor, f"/notices/{notice.pk}/").status_code == 404
        assert self.open(client, student_actor, "/notices/new/").status_code == 403

    def test_a_superior_sees_only_own_people(self, college, other_college, school, students, acting, client):
        other = PersonFactory(home_unit=other_college, name="外院学生")
        AccountFactory(person=other)
        AffiliationFactory(person=other)
        notice = written(acting("clerk", school), school, needs_confirmation=True)
        near = self.open(client, acting("counsellor", college), f"/notices/{notice.pk}/").content.decode()
        assert "学生1" in near
        assert "外院学生" not in near

    def test_a_student_confirms_on_the_page(self, notice, students, client):
        actor = signed_in(students[0])
        message = Message.objects.get(notice=notice, person=students[0])
        assert "我已知悉" in self.open(client, actor, f"/messages/{message.pk}/").content.decode()
        client.post(f"/messages/{message.pk}/")
        message.refresh_from_db()
        assert message.confirmed_at is not None

    def test_a_notice_is_written_counted_and_sent_from_the_page(self, counsellor, college, students, client):
        self.open(client, counsellor, "/notices/new/")
        asked = {"audience": f"unit:{college.pk}", "only": "students", "title": "好", "body": "好"}
        assert "3" in client.post("/notices/estimate/", asked).content.decode()
        answer = client.post("/notices/new/", asked)
        assert answer["Location"] == f"/notices/{Notice.objects.get().pk}/"
        assert client.post("/notices/new/", asked | {"audience": ""}).status_code == 422

    def test_messages_are_sorted_searched_and_folded(self, student_actor, client):
        for n in range(4):
            send("folded.kind", to=[student_actor.person_id], context={"n": n})
        text = self.open(client, student_actor, "/messages/").content.decode()
        assert "同类消息" in text
        assert "第 2 条" in client.get("/messages/?q=第 2&category=folded").content.decode()
        assert "没有找到" in client.get("/messages/?q=nothing").content.decode()

    def test_wishes_are_kept(self, student_actor, client):
        self.open(client, student_actor, "/messages/preferences/")
        client.post(
            "/messages/preferences/",
            {
                "language": "en",
                "quiet": "1",
                "quiet_from": "21:00",
                "quiet_to": "08:00",
                "shown_notice_mail": "1",
            },
        )
        kept = Preference.objects.get()
        assert (kept.language, str(kept.quiet_from), kept.choices) == (
            "en",
            "21:00:00",
            {"notice": {"mail": False}},
        )
        assert client.post("/messages/preferences/", {"quiet_from": "x"}).status_code == 422

    def test_engineers_see_what_did_not_go_out_and_send_it_again(self, engineer, client, clock):
        send("test.lost", to=[PersonFactory(email="").pk])
        dispatching.dispatch_due()
        row = Dispatch.objects.get(state="nowhere")
        assert "没有登记" in self.open(client, engineer, "/messages/statistics/").content.decode()
        letters.retry(row, actor=engineer)
        assert row.state == "waiting"

    def test_others_do_not_see_the_queue(self, counsellor, client):
        assert self.open(client, counsellor, "/messages/statistics/").status_code == 403
        assert self.open(client, counsellor, "/messages/wordings/").status_code == 403

    def test_a_wording_is_previewed_and_saved_on_the_page(self, engineer, client):
        where = "/messages/wordings/notice.decided/"
        self.open(client, engineer, where)
        asked = {
            "language": "zh-hans",
            "title": "您的通知{{ result }}",
            "body": "{{ opinion }}",
            "verb": "preview",
        }
        assert "您的通知〔result〕" in client.post(where, asked).content.decode()
        client.post(where, asked | {"verb": "save"})
        assert Wording.objects.get().title == "您的通知{{ result }}"
        assert "没有变量" in client.post(where, asked | {"title": "{{ x }}", "verb": "save"}).content.decode()
