"""From the service to the paper: a leave is asked for, decided, and its form says by whom, in what words, on which day."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from importlib.resources import files
from typing import Any

import docx
import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from yanta.kernel import workflow
from yanta.kernel.base import Actor, Refused
from yanta.kernel.documents import printing
from yanta.kernel.files import open_file, store
from yanta.kernel.identity.models import Account
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.testing import deliver
from yanta.kernel.testing.factories import PersonFactory
from yanta.kernel.testing.rows import RowMaker
from yanta.kernel.workflow.models import WorkItem
from yanta.kernel.workflow.papers import papers_of
from yanta.masterdata.models import Student
from yanta.systems.dossiers.models import Entry
from yanta.systems.leave import services as leaves
from yanta.systems.leave.models import Leave
from yanta.systems.paperwork import services
from yanta.systems.paperwork.models import Edition, Form, Issued

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
Acting = Callable[..., Actor]


@pytest.fixture(autouse=True)
def _without_printing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What LibreOffice makes of a form is tested elsewhere."""
    monkeypatch.setattr(printing, "program", lambda: None)


@pytest.fixture
def edition(college: OrgUnit, clerk: Actor) -> Edition:
    content = (files("yanta.systems.paperwork") / "forms" / "leave.docx").read_bytes()
    file = store("请假审批单.docx", content, actor=SYSTEM, purpose="制式表格", allow=("docx",), held=True)
    form = services.upload(
        actor=clerk, title="学生请假审批单", code="qj", owner=college, audience=Form.Audience.STUDENT, name="2026 版", file=file
    )  # fmt: skip
    services.connect(form, actor=clerk, service="leave")
    found: Edition = form.editions.get()
    days = [one.key for one in found.found if one.label == "请假时间"]
    for slot, name in zip(days, ("starts_on", "ends_on"), strict=True):
        services.bind(found, actor=clerk, slot=slot, element=f"application.{name}")
    services.confirm_all(found, actor=clerk)
    found.refresh_from_db()
    services.put_in_force(found, actor=clerk, on=timezone.localdate())
    found.refresh_from_db()
    return found


@pytest.fixture
def applicant(college: OrgUnit, acting: Acting) -> Actor:
    person = PersonFactory(home_unit=college, name="阿依古丽·买买提")
    student = RowMaker(person=lambda unit: person).make(Student, college)
    Student.objects.filter(pk=student.pk).update(status="01", left_on=None)
    return acting("student", college, person=person)


@pytest.fixture
def counsellor(acting: Acting, college: OrgUnit) -> Actor:
    return acting("counsellor", college, name="张辅导员")


@pytest.fixture
def head(acting: Acting, college: OrgUnit) -> Actor:
    return acting("head", college, name="李院长")


def asked(applicant: Actor, days: int) -> Leave:
    begin = timezone.localdate() + timedelta(days=3)
    return leaves.ask(
        actor=applicant, kind=Leave.Kind.PRIVATE, starts_on=begin, ends_on=begin + timedelta(days=days - 1), destination="宝鸡市渭滨区",
        reason="参加姐姐的婚礼", contact="母亲 13800000000",
    )  # fmt: skip


def decide(actor: Actor, opinion: str, verb: str = "approve") -> Any:
    item = WorkItem.objects.get(person_id=actor.person_id, state=WorkItem.State.TODO)
    instance = workflow.act(item, verb, actor=actor, opinion=opinion)
    deliver()
    return instance


def words(issued: Issued) -> list[str]:
    assert issued.file is not None
    with open_file(issued.file) as content:
        document = docx.Document(io.BytesIO(content.read()))
    return ["".join(cell.text.split()) for row in document.tables[0].rows for cell in row.cells]


class TestOpinions:
    def test_who_said_what_when_stands_in_the_cell_of_the_step(
        self, edition: Edition, applicant: Actor, counsellor: Actor, head: Actor
    ) -> None:
        asked(applicant, 5)
        decide(counsellor, "情况属实，同意。")
        assert not Issued.objects.exists()
        decide(head, "同意，注意安全。")
        issued = Issued.objects.get()
        said, today = words(issued), timezone.localdate()
        day = f"{today.year}年{today.month}月{today.day}日"
        assert f"情况属实，同意。签名：张辅导员{day}" in said
        assert f"同意，注意安全。签名：李院长{day}" in said
        assert "签名：年月日" in said  # nobody asked the students' office about five days
        assert {one["label"] for one in issued.written} >= {"辅导员意见", "学院意见"}

    def test_what_was_applied_for_stands_in_it_too(
        self, edition: Edition, applicant: Actor, counsellor: Actor
    ) -> None:
        leave = asked(applicant, 2)
        decide(counsellor, "")
        said = words(Issued.objects.get())
        assert {"宝鸡市渭滨区", "参加姐姐的婚礼", "母亲13800000000", "2", "☑事假□病假□公假"} <= set(said)
        start, end = leave.starts_on, leave.ends_on
        assert f"{start.year}年{start.month}月{start.day}日至{end.year}年{end.month}月{end.day}日" in said

    def test_a_step_that_was_decided_anew_says_the_last_word(
        self, edition: Edition, applicant: Actor, counsellor: Actor, head: Actor
    ) -> None:
        asked(applicant, 5)
        decide(counsellor, "第一次的意见")
        item = WorkItem.objects.get(person_id=head.person_id, state=WorkItem.State.TODO)
        workflow.act(item, "return", actor=head, node="counsellor", opinion="请核实去向")
        decide(counsellor, "已核实去向")
        decide(head, "同意")
        said = "".join(words(Issued.objects.get()))
        assert "已核实去向" in said
        assert "第一次的意见" not in said

    def test_a_signature_stands_in_place_of_the_name(
        self, edition: Edition, applicant: Actor, counsellor: Actor
    ) -> None:
        kept = io.BytesIO()
        Image.new("RGB", (300, 100), "white").save(kept, "PNG")
        services.keep_signature(actor=counsellor, name="签名.png", content=kept.getvalue())
        asked(applicant, 2)
        decide(counsellor, "同意")
        issued = Issued.objects.get()
        assert issued.file is not None
        with open_file(issued.file) as content:
            document = docx.Document(io.BytesIO(content.read()))
        assert len(document.inline_shapes) == 1
        assert "张辅导员" not in "".join(words(issued))


class TestPapers:
    def test_in_the_hall_and_in_the_inbox_for_those_of_the_matter(
        self, edition: Edition, applicant: Actor, counsellor: Actor, acting: Acting, other_college: OrgUnit
    ) -> None:
        asked(applicant, 2)
        instance = decide(counsellor, "同意")
        (paper,) = papers_of(instance, applicant)
        for actor in (applicant, counsellor):
            client = Client()
            client.force_login(Account.objects.get(pk=actor.account_id))
            page = client.get(f"/workflow/trace/{instance.pk}/").content.decode()
            assert paper.url in page
            assert client.get(paper.url).status_code == 200
        stranger = acting("counsellor", other_college)
        client = Client()
        client.force_login(Account.objects.get(pk=stranger.account_id))
        assert client.get(paper.url).status_code in (403, 404)

    def test_in_the_personal_file(self, edition: Edition, applicant: Actor, counsellor: Actor) -> None:
        asked(applicant, 2)
        decide(counsellor, "同意")
        entry = Entry.objects.get(range_key="decided_forms")
        assert (entry.title, entry.file) == ("学生请假审批单", Issued.objects.get().file)

    def test_a_refused_application_has_no_paper(
        self, edition: Edition, applicant: Actor, counsellor: Actor
    ) -> None:
        asked(applicant, 2)
        decide(counsellor, "事由不足", "refuse")
        assert not Issued.objects.exists()

    def test_told_twice_it_is_written_once(
        self, edition: Edition, applicant: Actor, counsellor: Actor
    ) -> None:
        from yanta.systems.paperwork.services import deciding

        asked(applicant, 2)
        instance = decide(counsellor, "同意")
        assert deciding.issue(instance.pk, actor=SYSTEM) == []
        assert Issued.objects.count() == 1


class TestMapping:
    def test_an_opinion_is_of_a_step_of_the_process(self, edition: Edition, clerk: Actor) -> None:
        steps = {one.label: one.step for one in edition.bound.values() if one.kind == "opinion"}
        assert steps == {"辅导员意见": "counsellor", "学院意见": "college", "学工部意见": "affairs"}
        slot = next(one.key for one in edition.found if one.kind == "opinion")
        Edition.objects.filter(pk=edition.pk).update(status="draft")
        edition.refresh_from_db()
        with pytest.raises(Refused, match="哪一步"):
            services.bind(edition, actor=clerk, slot=slot, step="nobody")

    def test_only_a_service_with_a_process(self, edition: Edition, clerk: Actor) -> None:
        with pytest.raises(Refused, match="没有"):
            services.connect(edition.form, actor=clerk, service="no-such-service")


class TestPersonalFile:
    def test_a_leave_is_in_the_file_as_soon_as_the_student_is_back(
        self, applicant: Actor, counsellor: Actor
    ) -> None:
        leave = asked(applicant, 2)
        decide(counsellor, "同意")
        leave.refresh_from_db()
        assert not Entry.objects.filter(range_key="leave").exists()
        leaves.report_back(leave, actor=applicant, on=leave.ends_on)
        deliver()
        entry = Entry.objects.get(range_key="leave")
        assert entry.origin == f"leave.leave:{leave.pk}"
        assert ["审批人", "张辅导员"] in entry.facts
