"""From the school's rows to the region and back: packages, receipts, increments, feedback."""

from __future__ import annotations

import httpx
import orjson
import pytest
from django.utils import timezone

from yanta.hub.nodes import receipts
from yanta.hub.nodes.models import (
    Arrival,
    FeedbackItem,
    HeldRow,
    Package,
    PackagePart,
    Receipt,
    RegionalRow,
    Stream,
)
from yanta.hub.nodes.tests.pair import push
from yanta.masterdata.models import Student

pytestmark = pytest.mark.django_db


def held(subject="student"):
    return {row.key: row.data for row in RegionalRow.objects.filter(subject=subject)}


def stream(subject="student"):
    return Stream.objects.get(subject=subject)


def last_receipt(side="got", subject="student"):
    return Receipt.objects.filter(side=side, subject=subject).latest("pk")


class TestFirstPackage:
    def test_holds_everything_and_the_receipt_adds_up_at_both_ends(self, reporting, campus):
        for _ in range(3):
            campus.student()

        push(reporting[0])

        got, given = last_receipt("got"), last_receipt("given")
        assert got.document == given.document
        assert (got.received, got.new, got.quarantined) == (3, 3, 0)
        assert len(held()) == 3
        assert not PackagePart.objects.exists()
        assert stream().error == ""

    def test_identity_numbers_are_sealed_and_found_by_index(self, reporting, campus):
        student = campus.student()

        push(reporting[0])

        row = RegionalRow.objects.get(subject="student")
        assert "id_number" not in row.data
        assert row.data["name"] == student.person.name
        assert row.identity is not None
        assert student.person.id_number.encode() not in bytes(row.sealed)

    def test_pushing_again_sends_nothing(self, reporting, campus):
        campus.student()
        push(reporting[0])
        before = Package.objects.count()

        push(reporting[0])

        assert Package.objects.count() == before


class TestIncrement:
    @pytest.fixture(autouse=True)
    def _first(self, reporting, campus):
        self.students = [campus.student() for _ in range(3)]
        push(reporting[0])

    def test_only_what_changed_goes_up(self, reporting, campus):
        self.students[0].grade = 2023
        self.students[0].save()
        campus.student("NEW1")

        push(reporting[0])

        receipt = last_receipt()
        assert (receipt.received, receipt.new, receipt.changed, receipt.unchanged) == (2, 1, 1, 0)
        assert held()[self.students[0].number]["grade"] == "2023"

    def test_a_changed_person_changes_the_student(self, reporting):
        person = self.students[1].person
        person.name = "改名"
        person.save()

        push(reporting[0])

        assert held()[self.students[1].number]["name"] == "改名"
        assert last_receipt().changed == 1

    def test_a_deleted_row_is_removed(self, reporting):
        number = self.students[2].number
        self.students[2].delete()

        push(reporting[0])

        assert number not in held()
        receipt = last_receipt()
        assert (receipt.received, receipt.removed) == (1, 1)

    def test_everything_again_removes_what_is_no_longer_there(self, reporting):
        RegionalRow.objects.create(
            node=reporting[0].node, subject="student", key="GHOST", data={}, content=b"", number=1,
            changed_at=timezone.now(),
        )  # fmt: skip
        Stream.objects.filter(subject="student").update(wants_full=True)

        push(reporting[0])

        assert "GHOST" not in held()
        assert last_receipt().unchanged == 3
        assert orjson.loads(last_receipt().document)["absent"] == 1

    def test_a_silent_stream_says_that_nothing_changed(self, reporting):
        before = Package.objects.count()
        Stream.objects.filter(subject="student").update(every_minutes=0)

        push(reporting[0])

        assert Package.objects.count() == before + 1
        assert last_receipt().received == 0


class TestBrokenLine:
    def test_what_waits_is_kept_and_told(self, reporting, campus, line):
        campus.student()

        def broken(request):
            raise httpx.ConnectError("down")

        line.before = broken
        push(reporting[0])

        one = stream("organisation")
        assert "没有应答" in one.error
        assert one.waiting_since is not None
        assert one.next_attempt_at > timezone.now()
        assert Package.objects.filter(state="waiting").count() >= 1

        line.before = lambda request: None
        push(reporting[0])

        assert len(held()) == 1
        assert stream("organisation").waiting_since is None
        assert not Package.objects.exclude(state="done").exists()

    @pytest.mark.parametrize("lost", ["/packages", "/parts/", "/commit"])
    def test_a_lost_answer_changes_nothing_the_second_time(self, reporting, campus, line, lost):
        """The upper node did what was asked, but the answer never came."""
        campus.student()
        lost_once = []

        def losing(request):
            if (
                request.method != "GET"
                and lost in request.url.path
                and "student" in said(line, request)
                and not lost_once
            ):
                lost_once.append(line.deliver(request))
                raise httpx.ReadTimeout("lost")
            return

        line.before = losing
        push(reporting[0])
        push(reporting[0])

        assert lost_once
        assert Receipt.objects.filter(side="given", subject="student").count() == 1
        assert last_receipt("got").document == last_receipt("given").document
        assert len(held()) == 1

    def test_a_part_is_sent_on_from_where_it_broke_off(self, reporting, campus, line, monkeypatch):
        from yanta.hub.nodes import wire

        for _ in range(40):
            campus.student()
        monkeypatch.setattr(wire, "CHUNK_BYTES", 100)
        sent = []

        def breaking(request):
            if "/parts/" in request.url.path:
                sent.append(str(request.url))
                if len(sent) == 6:
                    raise httpx.ReadError("broken")
            return

        line.before = breaking
        push(reporting[0])
        push(reporting[0])

        assert len(held()) == 40
        assert len(sent) == len(set(sent)) + 1  # only the piece on which the line broke went twice


def said(line, request):
    """Which subject a request is about: the manifest of the last announcement tells."""
    announced = [one for one in line.requests if one.url.path.endswith("/packages")]
    return announced[-1].read().decode() if announced else ""


class TestQuarantine:
    def test_wrong_rows_are_held_with_reasons_and_come_back_as_work(self, reporting, campus):
        campus.student()
        wrong = campus.student(person=campus.person(sex="2", id_number=None), status="7Z")

        push(reporting[0])

        receipt = last_receipt()
        assert (receipt.received, receipt.new, receipt.quarantined) == (2, 1, 1)
        row = HeldRow.objects.get(state="open")
        assert row.key == wrong.number
        assert "证件号" in row.words
        assert "必填" in row.words
        assert "学籍状态“7Z”不在代码表中，可用：" in row.words
        item = FeedbackItem.objects.get()
        assert (item.key, item.state, item.unit) == (wrong.number, "open", campus.college)
        assert item.due_on is not None
        assert {fault["field"] for fault in item.faults} == {"status", "id_number"}

    def test_a_row_put_right_closes_the_work_at_both_ends(self, reporting, campus):
        wrong = campus.student(status="7Z")
        push(reporting[0])
        Student.objects.filter(pk=wrong.pk).update(status="01")

        push(reporting[0])

        assert HeldRow.objects.get().state == "corrected"
        assert FeedbackItem.objects.get().state == "closed"
        assert wrong.number in held()

    def test_a_wrong_identity_number_is_not_repeated_in_the_words(self, reporting, campus):
        number = "610113200605041239"
        campus.student(person=campus.person(id_number=number))

        push(reporting[0])

        row = HeldRow.objects.get()
        assert "校验位不对" in row.words
        assert number not in row.words
        assert number in row.original

    def test_contradictions_with_the_identity_number_are_found(self, reporting, campus):
        campus.student(person=campus.person(sex="2"))

        push(reporting[0])

        assert "性别“2”与证件号不一致" in HeldRow.objects.get().words

    def test_a_class_of_another_school_is_held_until_it_is_reported(self, reporting, campus):
        push(reporting[0])
        RegionalRow.objects.filter(subject="admin_class").update(key="OTHER")
        student = campus.student()

        push(reporting[0])

        assert "不在本校已报的行政班中" in HeldRow.objects.get().words
        assert held() == {}
        campus.admin_class.name = "计科2401（改）"
        campus.admin_class.save()
        push(reporting[0])
        assert HeldRow.objects.get().state == "released"
        assert set(held()) == {student.number}
        assert FeedbackItem.objects.get().state == "closed"


class TestOrder:
    def test_an_upper_node_set_back_gets_everything(self, reporting, campus):
        """As after a restore from a backup: it knows less than it gave receipts for."""
        from yanta.hub.nodes.models import Holding

        campus.student()
        push(reporting[0])
        Receipt.objects.filter(side="given", subject="student").delete()
        Holding.objects.filter(subject="student").delete()
        RegionalRow.objects.filter(subject="student").delete()
        Arrival.objects.filter(subject="student").delete()
        campus.student()

        push(reporting[0])
        push(reporting[0])

        assert len(held()) == 2
        assert Package.objects.filter(state="superseded").count() == 1
        assert last_receipt().new == 2

    def test_a_school_set_back_goes_on_after_what_the_upper_node_has(self, reporting, campus):
        campus.student()
        push(reporting[0])
        push(reporting[0])
        one = stream()
        Package.objects.filter(stream=one).delete()
        Stream.objects.filter(pk=one.pk).update(next_number=1, last_digest="", position="", wants_full=False)
        campus.student()

        push(reporting[0])
        push(reporting[0])

        assert len(held()) == 2
        assert stream().next_number == 3


def test_receipts_of_both_sides_are_compared(reporting, campus):
    campus.student()
    push(reporting[0])
    school, province = reporting
    theirs = receipts.listed(school.node, after=0, most=100)
    with school.acting():
        assert receipts.compare(province.node, theirs) == []
        theirs[0]["new"] += 1
        assert "两方数目不同（new）" in receipts.compare(province.node, theirs)[0]
        assert "上级没有" in receipts.compare(province.node, theirs[1:])[0]
        Receipt.objects.filter(side="got", subject="student").delete()
        assert any("本方没有收到" in one for one in receipts.compare(province.node, theirs))
