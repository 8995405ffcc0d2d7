import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from yanta.kernel import workflow
from yanta.kernel.audit.models import AuditEntry
from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed, OutOfScope
from yanta.kernel.identity.models import Account
from yanta.kernel.testing import deliver
from yanta.kernel.testing.factories import OrgUnitFactory, PersonFactory
from yanta.kernel.testing.rows import RowMaker
from yanta.kernel.workflow.models import Instance, WorkItem
from yanta.masterdata.models import Room
from yanta.systems.hall import public as hall
from yanta.systems.repairs import queries, services
from yanta.systems.repairs.models import Category, Job, Material, Order, Used, Worker


@pytest.fixture
def maker():
    return RowMaker(person=lambda unit: PersonFactory(home_unit=unit))


@pytest.fixture
def logistics(school):
    return OrgUnitFactory(parent=school, name="后勤管理处", short_name="后勤处", aliases="后勤")


@pytest.fixture
def dispatcher(logistics, clerk_of):
    return clerk_of(logistics)


@pytest.fixture
def plumber(logistics, acting):
    actor = acting("teacher", logistics, name="李师傅")
    Worker.objects.create(person_id=actor.person_id, department=logistics, trade="water")
    return actor


@pytest.fixture
def room(college, maker):
    return maker.make(Room, college)


@pytest.fixture
def leak(db):
    return Category.objects.create(name="水龙头漏水", trade="water", hours=24, urgent_hours=4)


@pytest.fixture
def report(student_actor, room, leak):
    def make(**more):
        return services.report(
            **({"actor": student_actor, "room": room, "category": leak, "description": "一直滴水"} | more)
        )

    return make


def item_of(actor):
    return WorkItem.objects.get(person_id=actor.person_id, state=WorkItem.State.TODO)


def page_of(actor, address):
    browser = Client()
    browser.force_login(Account.objects.get(pk=actor.account_id))
    return browser.get(address).content.decode()


def matter_of(actor):
    return re.search(r"/hall/mine/\d+/", page_of(actor, "/hall/mine/"))[0]


class TestFromReportToConfirmation:
    def test_goes_at_once_to_who_fits_and_ends_with_the_reporters_word(self, report, plumber, student_actor):
        order = report()
        job = Job.objects.get(order=order)
        assert (job.worker.person_id, order.status) == (plumber.person_id, "assigned")

        services.accept(job, actor=plumber)
        services.set_out(job, actor=plumber)
        services.finish(job, actor=plumber, result="换了阀芯")
        order.refresh_from_db()
        assert (order.status, job.status) == ("mended", "finished")

        services.confirm(order, actor=student_actor, rating=5)
        assert order.status == "closed"
        assert workflow.instance_of(order).state == Instance.State.ENDED

    def test_not_mended_goes_back_to_the_same_worker_and_is_counted(self, report, plumber, student_actor):
        order = report()
        services.finish(Job.objects.get(order=order), actor=plumber, result="拧紧")
        order.refresh_from_db()

        services.rework(order, actor=student_actor, reason="还在滴")

        assert (order.status, order.reworks) == ("assigned", 1)
        assert item_of(plumber).node == "mend"
        services.finish(order.jobs.get(status="assigned"), actor=plumber, result="换阀芯")
        assert item_of(student_actor).node == "confirm"

    def test_nobody_fits_waits_for_the_dispatcher(self, report, dispatcher, logistics, acting):
        order = report()
        assert order.status == "reported"
        assert item_of(dispatcher).node == "dispatch"
        late = acting("teacher", logistics)
        worker = Worker.objects.create(person_id=late.person_id, department=logistics, trade="electric")

        services.dispatch(order, actor=dispatcher, worker=worker)

        assert order.status == "assigned"
        assert item_of(late).node == "mend"

    def test_given_back_by_the_worker_comes_to_the_dispatcher(self, report, plumber, dispatcher):
        order = report()

        services.give_back(Job.objects.get(order=order), actor=plumber, reason="要换整段水管，需外包")

        order.refresh_from_db()
        assert order.status == "reported"
        assert item_of(dispatcher).node == "dispatch"

    def test_reassigned_before_anybody_has_set_out(self, report, plumber, dispatcher, logistics, acting):
        order = report()
        other = acting("teacher", logistics)
        worker = Worker.objects.create(person_id=other.person_id, department=logistics, trade="water")

        services.reassign(order, actor=dispatcher, worker=worker, reason="李师傅请假")

        assert item_of(other).node == "mend"
        assert order.jobs.get(status="assigned").worker == worker

    def test_a_bad_rating_says_why(self, report, plumber, student_actor):
        order = report()
        services.finish(Job.objects.get(order=order), actor=plumber, result="换了阀芯")
        order.refresh_from_db()

        with pytest.raises(Refused, match="哪里不好"):
            services.confirm(order, actor=student_actor, rating=1)

    def test_a_bad_rating_is_owed_an_answer_by_the_unit(self, report, plumber, student_actor):
        order = report()
        deliver()  # the matter of the hall follows the process
        services.finish(Job.objects.get(order=order), actor=plumber, result="换了阀芯")
        order.refresh_from_db()
        item = item_of(student_actor)
        page = page_of(student_actor, f"/workflow/items/{item.pk}/")
        assert "没修好，返修" in page
        assert "情况属实，同意" not in page
        matter = matter_of(student_actor)
        case = page_of(student_actor, matter)
        assert f"/workflow/items/{item.pk}/" in case
        assert "催办" not in case  # nobody urges oneself

        workflow.act(item, "approve", actor=student_actor, values={"rating": 1, "words": "三天才来"})

        deliver()
        case = page_of(student_actor, matter)
        assert "非常不满意</b> 三天才来" in case
        assert "前答复" in case

    def test_who_gave_the_stars_is_read_nowhere(self, report, plumber, student_actor, dispatcher):
        order = report()
        services.finish(Job.objects.get(order=order), actor=plumber, result="换了阀芯")
        order.refresh_from_db()

        services.confirm(order, actor=student_actor, rating=1, words="三天才来")

        deliver()
        trace = f"/workflow/trace/{workflow.instance_of(order).pk}/"
        for who, address in ((dispatcher, f"/repairs/order/{order.pk}/"), (plumber, trace)):
            page = page_of(who, address)
            assert "报修人确认" in page or "换了阀芯" in page
            assert "三天才来" not in page
            assert "不满意" not in page
        assert not AuditEntry.objects.filter(data__has_any_keys=["rating", "words", "stars"]).exists()
        assert hall.opinions("repairs.order", {"all": [order.pk]}) == {}  # one word alone would be read off

    def test_the_word_comes_to_the_hall_before_it_has_heard_of_the_order(
        self, report, plumber, student_actor
    ):
        order = report()
        services.finish(Job.objects.get(order=order), actor=plumber, result="换了阀芯")
        order.refresh_from_db()

        services.confirm(order, actor=student_actor, rating=5)
        deliver()

        assert "非常满意</b>" in page_of(student_actor, matter_of(student_actor))

    def test_a_word_that_is_not_said_is_not_praise(self, report, plumber, student_actor):
        order = report()
        services.finish(Job.objects.get(order=order), actor=plumber, result="换了阀芯")
        order.refresh_from_db()

        services.confirm(order, actor=student_actor)

        deliver()
        assert order.status == "closed"
        assert "说说办得怎么样" in page_of(student_actor, matter_of(student_actor))

    def test_words_without_stars_are_asked_for_them(self, report, plumber, student_actor):
        order = report()
        services.finish(Job.objects.get(order=order), actor=plumber, result="换了阀芯")
        order.refresh_from_db()

        with pytest.raises(Refused, match="先选满意程度"):
            services.confirm(order, actor=student_actor, words="慢")

    def test_cancelled_before_anybody_sets_out(self, report, plumber, student_actor):
        order = report()

        services.cancel(order, actor=student_actor, reason="自己拧好了")

        assert order.status == "cancelled"
        assert not WorkItem.objects.filter(state__in=WorkItem.OPEN).exists()


class TestSameFault:
    def test_is_named_and_can_be_followed(self, report, plumber, acting, college):
        first, other = report(), acting("student", college)

        with pytest.raises(Refused, match=first.number):
            report(actor=other)
        services.follow(actor=other, number=first.number)

        assert first.followers.get().person_id == other.person_id

    def test_another_fault_in_the_same_room_is_taken(self, report, plumber):
        report()

        assert report(another=True, description="另一个水池").pk


class TestStore:
    @pytest.fixture
    def valve(self, db):
        return Material.objects.create(name="阀芯", price=12, stock=3, minimum=2)

    def test_taken_off_the_stock_at_the_price_of_the_day(self, report, plumber, valve):
        order = report()
        job = Job.objects.get(order=order)

        services.take_material(job, actor=plumber, material=valve, quantity=2)

        valve.refresh_from_db()
        order.refresh_from_db()
        assert (valve.stock, order.cost, Used.objects.get().price) == (1, 24, 12)

    def test_what_is_not_there_cannot_be_taken(self, report, plumber, valve):
        report()

        with pytest.raises(Refused, match="只剩 3"):
            services.take_material(Job.objects.get(), actor=plumber, material=valve, quantity=4)
        with pytest.raises(IntegrityError), transaction.atomic():
            Material.objects.filter(pk=valve.pk).update(stock=-1)


class TestFigures:
    @pytest.fixture
    def praised(self, plumber, room, leak, college):
        """Three orders that are over, brought to the hall with 5, 5 and 2 stars."""
        worker, now = Worker.objects.get(), timezone.now()
        orders = [
            Order.objects.create(
                room=room, category=leak, description="滴水", status="closed", reporter=person, department=college,
                reported_at=now - timedelta(days=3), promised_at=now, mended_at=now - timedelta(days=1), closed_at=now,
            ) for person in PersonFactory.create_batch(3)
        ]  # fmt: skip
        for one in orders:
            Job.objects.create(order=one, worker=worker, status="finished", assigned_at=now, finished_at=now)
        stars = dict(zip(orders, (5, 5, 2), strict=True))
        hall.bring("repair", "repairs.order", [
            hall.Past(one.pk, one.reporter_id, one.reported_at, now, stars[one]) for one in orders
        ])  # fmt: skip
        return orders

    def test_come_from_the_hall_by_kind_and_by_worker(self, praised):
        keys = [one.pk for one in praised]

        by_kind = queries.shares(Order.objects.filter(pk__in=keys).select_related("category"), "category")

        assert by_kind[0].stars == hall.Opinion(mean=4.0, count=3)
        assert queries.opinions_of_workers(keys) == {str(Worker.objects.get().pk): hall.Opinion(4.0, 3)}
        assert queries.opinions_of_workers(keys[:2]) == {}

    def test_stand_on_the_board(self, praised, dispatcher):
        page = page_of(dispatcher, "/repairs/board/")

        assert "满意度 4.0" in page

    def test_are_brought_once(self, praised):
        one = praised[0]
        again = hall.Past(one.pk, one.reporter_id, one.reported_at, one.closed_at, 1)

        assert hall.bring("repair", "repairs.order", [again]) == 0
        assert hall.opinions("repairs.order", {"all": [row.pk for row in praised]})["all"].mean == 4.0


class TestNobodyGetsThrough:
    def test_a_student_does_not_dispatch(self, report, student_actor, plumber):
        with pytest.raises(NotAllowed):
            services.dispatch(report(), actor=student_actor)

    def test_one_worker_does_not_finish_anothers_job(self, report, plumber, logistics, acting):
        report()

        with pytest.raises(OutOfScope):
            services.finish(Job.objects.get(), actor=acting("teacher", logistics), result="修好了")

    def test_another_student_does_not_confirm(self, report, plumber, acting, college):
        order = report()
        services.finish(Job.objects.get(order=order), actor=plumber, result="换了阀芯")

        with pytest.raises(OutOfScope):
            services.confirm(order, actor=acting("student", college), rating=5)
        assert Order.objects.get().status == "mended"
