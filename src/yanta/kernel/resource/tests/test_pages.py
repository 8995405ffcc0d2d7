"""What the pages do beyond the conformance suite, tried on leave and equipment of a college."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from yanta.kernel.codes.models import NumberRule
from yanta.kernel.identity.models import Account
from yanta.kernel.resource.models import SavedView
from yanta.kernel.testing.factories import OrgUnitFactory, PersonFactory, RoleGrantFactory
from yanta.kernel.testing.rows import RowMaker
from yanta.masterdata.models import Room, StaffMember
from yanta.systems.equipment.models import Item
from yanta.systems.rooms.models import Booking


@pytest.fixture
def maker():
    return RowMaker(person=lambda unit: PersonFactory(home_unit=unit))


def client_of(actor):
    client = Client(headers={"Accept-Language": "zh-hans"})
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


class TestForms:
    def test_a_teacher_finds_the_own_name_filled_and_locked(self, college, maker, acting):
        mine, other = maker.make(StaffMember, college), maker.make(StaffMember, college)
        client = client_of(acting("teacher", college, person=mine.person))
        answer = {**maker.values(Booking, college), "booked_for": other.person_id, "attendance": 1}
        tomorrow = timezone.localtime() + timedelta(days=1)
        for name, hour in (("starts_at", 10), ("ends_at", 11)):
            answer[name] = f"{tomorrow.replace(hour=hour):%Y-%m-%dT%H:00}"
        Room.objects.update(is_bookable=True, seats=40)

        page = client.get("/rooms/booking/new/").content.decode()
        assert "来自 本人" in page
        client.post(
            "/rooms/booking/new/", {name: str(getattr(value, "pk", value)) for name, value in answer.items()}
        )

        assert [one.booked_for for one in Booking.objects.all()] == [mine.person]

    def test_errors_stand_at_the_field(self, college, clerk):
        answer = client_of(clerk).post("/equipment/item/new/", {"name": "示波器", "price": "很贵"})

        assert answer.status_code == 422
        assert "很贵" in answer.content.decode()
        assert not Item.objects.exists()


class TestLists:
    def test_a_unit_filter_stands_for_its_subtree_and_shows_as_a_chip(
        self, college, other_college, maker, engineer
    ):
        mine = maker.make(Item, college)
        maker.make(Item, other_college)

        page = client_of(engineer).get("/equipment/item/", {"department": college.pk}).content.decode()

        assert f"/equipment/item/{mine.pk}/" in page
        assert college.name in page
        assert '<span class="count"' in page

    @pytest.mark.parametrize(
        ("address", "query"),
        [
            ("/timetables/placement/", {"weekday": "胡写"}),
            ("/equipment/item/", {"department": "²", "page": "²"}),
            ("/leave/leave/", {"starts_on_from": "2026-02-30"}),
        ],
    )
    def test_nonsense_in_the_address_is_no_fault_of_ours(self, engineer, address, query):
        assert client_of(engineer).get(address, query).status_code == 200

    def test_a_view_is_kept_under_a_name_and_dropped(self, college, clerk):
        client = client_of(clerk)

        client.post("/equipment/item/views/", {"title": "维修中", "query": "status=in_repair&page=3"})
        kept = SavedView.objects.get()
        assert (kept.title, kept.query) == ("维修中", "status=in_repair")
        assert "维修中" in client.get("/equipment/item/").content.decode()

        client.post("/equipment/item/views/", {"drop": kept.pk})
        assert not SavedView.objects.exists()

    def test_bulk_answers_for_each_row(self, college, maker, clerk):
        idle, used = maker.make(Item, college), maker.make(Item, college)
        Item.objects.filter(pk=idle.pk).update(status=Item.Status.IDLE)

        page = (
            client_of(clerk)
            .post("/equipment/item/bulk/set_idle/", {"keys": [idle.pk, used.pk]})
            .content.decode()
        )

        used.refresh_from_db()
        assert used.status == Item.Status.IDLE
        assert "闲置的设备不能转为闲置" in page


class TestRecord:
    def test_the_timeline_tells_who_changed_what(self, college, maker, clerk):
        item = maker.make(Item, college)
        client = client_of(clerk)
        client.post(f"/equipment/item/{item.pk}/send_to_repair/", {"reason": "不开机"})

        page = client.get(f"/equipment/item/{item.pk}/").content.decode()

        assert "送修" in page
        assert clerk.name in page

    def test_nothing_is_offered_that_will_be_refused(self, college, other_college, maker, clerk):
        mine, theirs = maker.make(Item, college), maker.make(Item, other_college)
        RoleGrantFactory(account_id=clerk.account_id, role="auditor")  # sees everything, changes nothing
        client = client_of(clerk)
        offered = {
            row.pk: re.findall(
                r'href="/equipment/item/\d+/(\w+)/"',
                client.get(f"/equipment/item/{row.pk}/").content.decode(),
            )
            for row in (mine, theirs)
        }
        assert {"edit", "send_to_repair"} <= set(offered[mine.pk])
        assert offered[theirs.pk] == []

    def test_no_link_leads_to_a_record_out_of_reach(self, college, other_college, maker, clerk):
        item = maker.make(Item, college)
        keeper = maker.make(StaffMember, other_college)
        Item.objects.filter(pk=item.pk).update(keeper=keeper)
        page = client_of(clerk).get(f"/equipment/item/{item.pk}/").content.decode()
        assert str(keeper) in page
        assert f'href="/masterdata/staffmember/{keeper.pk}/"' not in page

    def test_a_referenced_row_is_not_deleted(self, college, maker, clerk_of, school):
        item = maker.make(Item, college)
        room = maker.make(type(item)._meta.get_field("room").related_model, college)
        Item.objects.filter(pk=item.pk).update(room=room)
        owner = clerk_of(OrgUnitFactory(parent=school, name="资产处"))

        answer = client_of(owner).post(f"/masterdata/room/{room.pk}/delete/")

        assert answer.status_code == 409
        assert "引用" in answer.content.decode()


class TestApi:
    def test_problem_details_say_what_is_wrong(self, college, clerk):
        answer = client_of(clerk).post(
            "/api/v1/equipment/item/", {"name": "x"}, content_type="application/json"
        )

        assert answer.status_code == 422
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == 422

    def test_adds_and_acts(self, college, maker, clerk):
        NumberRule.objects.create(
            key="asset-number", title="资产号", pattern="{year:4}{category:2}{seq:6}{check:luhn}"
        )
        client = client_of(clerk)
        body = {
            "name": "示波器",
            "category": "仪器仪表",
            "department": college.pk,
            "price": "5000",
            "bought_on": "2026-09-01",
        }

        made = client.post("/api/v1/equipment/item/", body, content_type="application/json").json()

        assert made["category"] == "03"
        assert made["number"].startswith("202603")
        done = client.post(
            f"/api/v1/equipment/item/{made['id']}/actions/set_idle/", {}, content_type="application/json"
        )
        assert done.json()["status"] == "idle"
        again = client.post(
            f"/api/v1/equipment/item/{made['id']}/actions/set_idle/", {}, content_type="application/json"
        )
        assert again.status_code == 409
