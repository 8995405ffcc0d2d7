"""A teacher's application for another time: sent back, mended in place, approved."""

import pytest
from django.test import Client

from yanta.kernel import workflow
from yanta.kernel.base import Refused
from yanta.kernel.identity.models import Account
from yanta.kernel.workflow.models import WorkItem
from yanta.masterdata.models import StaffMember
from yanta.systems.timetables import services
from yanta.systems.timetables.models import Adjustment, Placement
from yanta.systems.timetables.queries import occurring, whose
from yanta.systems.timetables.tests.test_services import free_place, placed_of


@pytest.fixture
def published(arranged, registry):
    services.publish(arranged, actor=registry)
    return arranged


@pytest.fixture
def row(published):
    return placed_of(published).first()


@pytest.fixture
def lecturer(row, acting):
    staff = StaffMember.objects.select_related("person").get(pk=row.teachers[0])
    return acting("teacher", row.department, person=staff.person)


@pytest.fixture
def head(row, acting):
    return acting("head", row.department)


def item_of(actor):
    return WorkItem.objects.get(person_id=actor.person_id, state=WorkItem.State.TODO)


@pytest.fixture
def sent_back(row, lecturer, head):
    asked = services.request(actor=lecturer, placement=row, kind="cancel", week=3, reason="出差")
    workflow.act(item_of(head), "return", actor=head, opinion="请改成调课")
    return asked


def resume(lecturer, **values):
    workflow.act(item_of(lecturer), "approve", actor=lecturer, opinion="已改", values=values)


class TestResume:
    def test_the_same_application_comes_again_mended_and_holds(
        self, sent_back, row, lecturer, head, registry
    ):
        day, first = free_place(row)

        resume(lecturer, kind="move", new_week=4, new_weekday=day, new_period=first, new_room=row.room)
        workflow.act(item_of(head), "approve", actor=head, opinion="同意")
        workflow.act(item_of(registry), "approve", actor=registry, opinion="同意")

        sent_back.refresh_from_db()
        assert (sent_back.kind, sent_back.week, sent_back.status) == ("move", 3, Adjustment.Status.APPROVED)
        assert sent_back.reason == "出差"
        shown = {
            (one.weekday, one.first, one.is_off)
            for one in occurring.lessons_of(row.version, "teacher", row.teachers, 4)
        }
        assert (day, first, False) in shown

    def test_what_is_left_empty_stays(self, sent_back, lecturer):
        resume(lecturer, cause="参加学术会议")

        sent_back.refresh_from_db()
        assert (sent_back.kind, sent_back.week, sent_back.reason) == ("cancel", 3, "参加学术会议")

    def test_a_move_that_became_a_cancellation_says_no_new_time(self, row, lecturer, head):
        day, first = free_place(row)
        asked = services.request(
            actor=lecturer, placement=row, kind="move", week=3, new_week=3, new_weekday=day, new_period=first, new_room=row.room,
            reason="出差",
        )  # fmt: skip
        workflow.act(item_of(head), "return", actor=head, opinion="停课即可")

        resume(lecturer, kind="cancel")

        asked.refresh_from_db()
        assert (asked.kind, asked.new_week, asked.new_weekday, asked.new_room) == ("cancel", None, None, None)

    def test_offers_the_teachers_own_lessons_and_no_others(self, row, lecturer, acting):
        offered = dict(whose.lessons_taught(lecturer.person_id))

        assert "星期" in offered[row.pk]
        assert all(set(row.teachers) & set(one.teachers) for one in Placement.objects.filter(pk__in=offered))
        assert whose.lessons_taught(acting("teacher", row.department).person_id) == []

    def test_a_room_that_is_not_named_stays(self, row, lecturer):
        day, first = free_place(row)

        asked = services.request(
            actor=lecturer,
            placement=row,
            kind="move",
            week=3,
            new_week=3,
            new_weekday=day,
            new_period=first,
            reason="出差",
        )

        assert asked.new_room == row.room

    def test_into_a_conflict_is_refused_and_it_stays_with_the_teacher(self, sent_back, row, lecturer):
        other = (
            placed_of(row.version)
            .filter(classes__overlap=row.classes)
            .exclude(section_id=row.section_id)
            .first()
        )

        with pytest.raises(Refused, match="不能改到这里"):
            resume(
                lecturer,
                kind="move",
                new_week=3,
                new_weekday=other.weekday,
                new_period=other.first_period,
                new_room=row.room,
            )

        sent_back.refresh_from_db()
        assert (sent_back.kind, item_of(lecturer).kind) == ("cancel", WorkItem.Kind.RESUBMIT)

    def test_a_week_that_another_application_asks_for_is_refused(self, sent_back, row, lecturer):
        services.request(actor=lecturer, placement=row, kind="cancel", week=4, reason="出差")

        with pytest.raises(Refused, match="已有申请"):
            resume(lecturer, week=4)

    def test_on_the_page_what_was_refused_stays_written_and_what_is_right_goes_on(
        self, sent_back, row, lecturer
    ):
        client = Client(headers={"Accept-Language": "zh-hans"})
        client.force_login(Account.objects.get(pk=lecturer.account_id))
        address = f"/workflow/items/{item_of(lecturer).pk}/"
        day, first = free_place(row)
        asked = {"verb": "approve", "opinion": "改为调课", "kind": "move", "week": 3, "new_week": 77, "new_weekday": day,
                 "new_period": first, "new_room": row.room_id}  # fmt: skip

        refused = client.post(address, asked)
        assert refused.status_code == 422
        assert 'value="77"' in refused.content.decode()
        assert client.post(address, {**asked, "new_week": 4}).status_code == 302

        sent_back.refresh_from_db()
        assert (sent_back.kind, sent_back.new_week, sent_back.new_weekday) == ("move", 4, day)
