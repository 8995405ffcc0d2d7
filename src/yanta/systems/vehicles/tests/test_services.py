from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.testing.factories import OrgUnitFactory, PersonFactory
from yanta.kernel.testing.rows import RowMaker
from yanta.kernel.workflow.models import WorkItem
from yanta.systems.vehicles import queries, services
from yanta.systems.vehicles.models import Driver, Ride, Run, Vehicle
from yanta.systems.vehicles.resources import VehicleResource
from yanta.systems.vehicles.views import BoardView


@pytest.fixture
def maker():
    return RowMaker(person=lambda unit: PersonFactory(home_unit=unit))


@pytest.fixture
def logistics(school):
    return OrgUnitFactory(parent=school, name="后勤管理处", short_name="后勤处", aliases="后勤")


@pytest.fixture
def fleet(logistics, clerk_of):
    return clerk_of(logistics)


@pytest.fixture
def teacher(college, acting):
    return acting("teacher", college)


@pytest.fixture
def head(college, acting):
    return acting("head", college)


@pytest.fixture
def car(college, maker):
    return maker.make(Vehicle, college)


@pytest.fixture
def driver(logistics, maker):
    return maker.make(Driver, logistics)


@pytest.fixture
def ask(teacher):
    def make(**more):
        start = timezone.now().replace(hour=2, minute=0) + timedelta(days=3)
        given = {
            "actor": teacher, "purpose": "接专家", "starts_at": start, "ends_at": start + timedelta(hours=3), "origin": "东门",
            "destination": "西安北站", "people": 2,
        }  # fmt: skip
        return services.ask(**(given | more))

    return make


@pytest.fixture
def endorsed(ask, head):
    def make(**more):
        ride = ask(**more)
        services.endorse(ride, actor=head)
        return ride

    return make


class TestPlanning:
    def test_unit_then_fleet_then_the_way_back_and_the_bill(self, endorsed, fleet, car, driver):
        ride = endorsed()
        services.plan(ride, actor=fleet)
        assert (ride.status, ride.run.vehicle, ride.run.driver) == ("planned", car, driver)
        assert not WorkItem.objects.filter(state__in=WorkItem.OPEN).exists()

        services.set_out(ride.run, actor=fleet, km=car.mileage + 10)
        services.come_back(ride.run, actor=fleet, km=car.mileage + 52, tolls=Decimal(8))

        ride.refresh_from_db()
        car.refresh_from_db()
        assert (ride.status, ride.cost) == ("done", 42 * car.price_per_km + 8)

    def test_a_ride_that_goes_the_same_way_joins_and_shares_the_bill(
        self, endorsed, fleet, car, driver, acting, college, head
    ):
        first = endorsed()
        second = endorsed(actor=acting("teacher", college), people=1)
        services.plan(first, actor=fleet)

        services.join(second, actor=fleet, run=first.run)
        services.set_out(first.run, actor=fleet, km=car.mileage)
        services.come_back(first.run, actor=fleet, km=car.mileage + 30)

        shares = list(Ride.objects.order_by("pk").values_list("cost", flat=True))
        assert sum(shares) == 30 * car.price_per_km
        assert shares[0] == 2 * shares[1]

    def test_no_seat_left_is_no_room(self, endorsed, fleet, car, driver, acting, college):
        first = endorsed(people=4)
        second = endorsed(actor=acting("teacher", college), people=2)
        services.plan(first, actor=fleet)

        assert queries.joinable(second) == []
        with pytest.raises(Refused, match="座位不够"):
            services.join(second, actor=fleet, run=first.run)

    def test_papers_that_end_before_the_return(self, endorsed, fleet, car, driver):
        Vehicle.objects.update(insured_until=date(2026, 1, 1))

        with pytest.raises(Refused, match="保险"):
            services.plan(endorsed(), actor=fleet, vehicle=Vehicle.objects.get())

    def test_the_same_vehicle_is_not_out_twice(
        self, endorsed, fleet, car, driver, acting, college, maker, logistics
    ):
        services.plan(endorsed(shares=False), actor=fleet)
        maker.make(Driver, logistics)

        with pytest.raises(Refused, match="没有坐得下的空车"):
            services.plan(endorsed(actor=acting("teacher", college)), actor=fleet)
        run = Run.objects.get()
        with pytest.raises(IntegrityError), transaction.atomic():
            Run.objects.create(
                vehicle=run.vehicle,
                driver=Driver.objects.last(),
                starts_at=run.starts_at,
                ends_at=run.ends_at,
                route="x",
            )

    def test_called_off_tells_who_was_to_be_driven(self, endorsed, fleet, car, driver):
        ride = endorsed()
        services.plan(ride, actor=fleet)

        services.call_off(ride.run, actor=fleet, reason="车辆故障")

        ride.refresh_from_db()
        assert (ride.status, ride.opinion) == ("refused", "出车取消：车辆故障")


class TestMeter:
    def test_never_goes_backwards(self, endorsed, fleet, car, driver):
        Vehicle.objects.update(mileage=5000)
        ride = endorsed()
        services.plan(ride, actor=fleet)

        with pytest.raises(Refused, match="5000"):
            services.set_out(ride.run, actor=fleet, km=4999)


class TestNobodyGetsThrough:
    def test_a_student_cannot_ask(self, ask, student_actor):
        with pytest.raises(NotAllowed):
            ask(actor=student_actor)

    def test_not_twice_at_the_same_time(self, ask):
        ask()

        with pytest.raises(Refused, match="已申请用车"):
            ask()

    def test_nobody_endorses_their_own(self, ask, head, fleet):
        ride = ask(actor=head)

        with pytest.raises(Refused, match="正在办理中"):
            services.endorse(ride, actor=head)


class TestLinks:
    def test_a_vehicle_leads_to_the_board_whom_it_lets_in(self, car, teacher, head):
        assert VehicleResource().pages_for(car, head) == [("派车看板", "/vehicles/board/")]
        assert not VehicleResource().pages_for(car, teacher)

    def test_the_board_links_only_runs_in_scope(self, rf, college, maker, head, engineer):
        run = maker.make(Run, OrgUnitFactory(name="车队"))
        Run.objects.update(starts_at=timezone.now(), ends_at=timezone.now() + timedelta(hours=1))

        def board(actor):
            request = rf.get("/vehicles/board/")
            request.actor = actor
            return BoardView.as_view()(request).content.decode()

        assert f"/vehicles/run/{run.pk}/" in board(engineer)
        assert f"/vehicles/run/{run.pk}/" not in board(head)
