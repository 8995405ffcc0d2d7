"""What the authority knows: figures, freshness, one person in two schools; and what its pages show."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from yanta.hub.nodes import queries, services
from yanta.hub.nodes.models import FeedbackItem, Figure, Node, Notice, RegionalRow, SharedPerson, Stream
from yanta.hub.nodes.tests.pair import SYSTEM, push
from yanta.kernel.base import Refused
from yanta.kernel.identity.models import Account

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(db) -> Node:
    return Node.objects.create(code="4161010002", name="乙大学", state="active")


def enrol_elsewhere(other, key="B1", **data):
    """The other school reports the student that ours has."""
    ours = RegionalRow.objects.get(subject="student")
    RegionalRow.objects.create(
        node=other, subject="student", key=key, data={**ours.data, **data}, identity=ours.identity, content=b"x", number=1,
        changed_at=timezone.now(),
    )  # fmt: skip


class TestSharedPersons:
    @pytest.fixture(autouse=True)
    def _shared(self, reporting, campus, other):
        self.student = campus.student()
        push(reporting[0])
        enrol_elsewhere(other)
        self.touch(reporting)

    def touch(self, reporting, **values):
        self.student.grade = (self.student.grade or 0) - 1
        for name, value in values.items():
            setattr(self.student, name, value)
        self.student.save()
        push(reporting[0])

    def test_both_schools_are_told_and_ours_has_work(self, reporting, other):
        one = SharedPerson.objects.get()
        assert one.state == "open"
        assert one.where == "甲大学、乙大学"
        assert Notice.objects.filter(kind="shared", node=other).count() == 1
        item = FeedbackItem.objects.get(kind="shared")
        assert item.key == self.student.number
        assert "乙大学（B1）" in item.words

    def test_it_is_told_once(self, reporting, other):
        self.touch(reporting)
        assert Notice.objects.filter(kind="shared").count() == 2

    def test_who_leaves_is_no_longer_shared(self, reporting):
        self.touch(reporting, status="07")
        assert SharedPerson.objects.get().state == "gone"
        assert FeedbackItem.objects.get(kind="shared").state == "closed"

    def test_an_accepted_one_closes_the_work_at_the_school(self, reporting):
        with reporting[1].acting():
            services.accept_shared(SharedPerson.objects.get(), actor=SYSTEM, reason="联合培养")
        push(reporting[0])
        assert FeedbackItem.objects.get(kind="shared").state == "closed"


class TestFigures:
    def test_are_counted_anew_with_every_package(self, reporting, campus):
        first = campus.student()
        campus.student()
        push(reporting[0])
        assert dict(
            Figure.objects.filter(subject="student", dimension="sex").values_list("value", "rows")
        ) == {"1": 2}

        first.status = "07"
        first.save()
        push(reporting[0])

        total = Figure.objects.get(subject="student", dimension="")
        assert total.rows == 1  # who has left is not there
        assert dict(Figure.objects.filter(subject="student", dimension="status").values_list("value", "rows")) == {
            "01": 1, "07": 1,
        }  # fmt: skip

    def test_add_up_to_the_schools_behind_them(self, reporting, campus):
        campus.student()
        push(reporting[0])
        ((value, name, rows),) = queries.spread("student", "level")
        assert (value, rows) == ("3", 1)
        assert name != value
        assert queries.by_school("student", "level", "3") == [(reporting[0].node, 1)]

    def test_quality_is_the_share_that_passed(self, reporting, campus):
        for _ in range(3):
            campus.student()
        campus.student(status="7Z")
        push(reporting[0])
        (line,) = [one for one in queries.school_lines(at=timezone.now()) if one.node == reporting[0].node]
        assert (line.students, line.held) == (3, 1)
        assert line.quality == round(100 * line.rows / (line.rows + 1), 2)


class TestFreshness:
    @pytest.mark.parametrize(
        ("age", "light"),
        [(timedelta(hours=1), "success"), (timedelta(days=2), "warning"), (timedelta(days=9), "danger")],
    )
    def test_a_light_says_how_old(self, other, age, light):
        now = timezone.now()
        assert queries.freshness(other, now - age, at=now)[0] == light

    def test_a_school_that_never_reported_says_so(self, other):
        assert queries.freshness(other, None, at=timezone.now()) == ("", "尚未上报")


class TestPages:
    @pytest.fixture
    def browser(self, school, acting):
        actor = acting("engineer")
        browser = Browser()
        browser.force_login(Account.objects.get(pk=actor.account_id))
        return browser

    def test_show_the_region_to_the_authority(self, reporting, campus, browser):
        campus.student()
        campus.student(status="7Z")
        push(reporting[0])
        with reporting[1].acting():
            region = browser.get("/nodes/region/").content.decode()
            spread = browser.get("/nodes/region/student/sex/").content.decode()
            page = browser.get(f"/nodes/schools/{reporting[0].node.pk}/").content.decode()
        assert "甲大学" in region
        assert "不在代码表中" in region
        assert "甲大学" in spread
        assert "待更正的行" in page

    def test_a_school_has_no_region(self, school_side, browser):
        with school_side.acting():
            assert browser.get("/nodes/region/").status_code == 404

    def test_show_what_waits_and_why(self, reporting, campus, line, browser):
        import httpx

        def broken(request):
            raise httpx.ConnectError("down")

        line.before = broken
        push(reporting[0])
        with reporting[0].acting():
            page = browser.get("/nodes/").content.decode()
        assert "1 个包、2 行" in page
        assert "没有应答" in page

    def test_a_receipt_that_differs_is_shown(self, reporting, campus, browser):
        push(reporting[0])
        with reporting[0].acting():
            page = browser.get(f"/nodes/compare/{reporting[1].node.pk}/").content.decode()
        assert "逐份一致" in page


class TestStreams:
    def test_nothing_goes_up_before_the_owner_agrees(self, pair, campus):
        push(pair[0])
        push(pair[0])
        assert set(Stream.objects.values_list("state", flat=True)) == {"proposed"}
        assert not RegionalRow.objects.exists()

    def test_a_paused_stream_sends_nothing_and_goes_on(self, reporting, campus):
        push(reporting[0])
        stream = Stream.objects.get(subject="student")
        services.pause(stream, actor=SYSTEM, reason="核对数据")
        campus.student()
        push(reporting[0])
        assert not RegionalRow.objects.filter(subject="student").exists()
        services.resume(stream, actor=SYSTEM)
        push(reporting[0])
        assert RegionalRow.objects.filter(subject="student").count() == 1


class TestWork:
    @pytest.fixture
    def item(self, reporting, campus):
        self.student = campus.student(status="7Z")
        push(reporting[0])
        return FeedbackItem.objects.get()

    def test_a_row_can_be_sent_again_unchanged(self, reporting, item):
        services.resend(item, actor=SYSTEM)
        assert Stream.objects.get(subject="student").extra_keys == [self.student.number]
        push(reporting[0])
        item.refresh_from_db()
        assert item.state == "open"  # still wrong, so the upper node said so again
        assert Stream.objects.get(subject="student").extra_keys == []

    def test_the_clerk_of_the_unit_sees_it_and_no_other(self, item, campus, clerk_of, other_college):
        assert FeedbackItem.objects.visible_to(clerk_of(campus.college)).count() == 1
        assert FeedbackItem.objects.visible_to(clerk_of(other_college)).count() == 0

    def test_a_right_value_is_explained(self, item):
        services.explain(item, actor=SYSTEM, words="学籍系统中即为此码")
        assert item.state == "explained"
        with pytest.raises(Refused, match="待处理"):
            services.explain(item, actor=SYSTEM, words="再说一次")

    def test_a_word_of_the_authority_comes_up_as_work(self, reporting, campus):
        push(reporting[0])
        with reporting[1].acting():
            services.tell(reporting[0].node, actor=SYSTEM, words="请于周五前核对在校生数")
        push(reporting[0])
        assert FeedbackItem.objects.get(kind="fact").words == "请于周五前核对在校生数"

    def test_everything_is_asked_for_anew(self, reporting, campus):
        campus.student()
        push(reporting[0])
        with reporting[1].acting():
            services.ask_for_all(reporting[0].node, actor=SYSTEM)
        push(reporting[0])
        assert Stream.objects.get(subject="student").wants_full


def test_a_report_replaces_the_one_before(reporting):
    from yanta.hub.nodes import public

    school, _province = reporting
    with school.acting():
        public.send_report("higher-education", "高等教育事业统计", period="2026", cells=[
            {"cell": "311/1/1", "value": "1200", "note": None}, {"cell": "311/1/2", "value": "7", "note": None},
        ])  # fmt: skip
    push(school)
    with school.acting():
        (sent,) = public.send_report("higher-education", "高等教育事业统计", period="2026", cells=[
            {"cell": "311/1/1", "value": "1201", "note": "核对后更正"},
        ])  # fmt: skip
    push(school)
    rows = RegionalRow.objects.filter(subject="report.higher-education")
    assert {row.key: row.data["value"] for row in rows} == {"311/1/1": "1201"}
    assert public.state_of_report(sent) == ("已回执", "")
