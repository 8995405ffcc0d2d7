"""A department draws a service in the browser and brings the form it always had: the answers stand in the form."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import docx
import pytest
from django.http import QueryDict
from django.utils import timezone

from yanta.kernel import workflow
from yanta.kernel.base import Actor, Refused
from yanta.kernel.documents import printing
from yanta.kernel.files import open_file, store
from yanta.kernel.identity.models import Account
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Person
from yanta.kernel.testing import deliver
from yanta.kernel.testing.factories import OrgUnitFactory, PersonFactory
from yanta.kernel.workflow.models import WorkItem
from yanta.systems.hall.models import Design, Version
from yanta.systems.hall.queries import designed
from yanta.systems.hall.services import handing_in
from yanta.systems.hall.views.asking import asking_for
from yanta.systems.paperwork import services
from yanta.systems.paperwork.models import Edition, Form, Issued

pytestmark = pytest.mark.django_db
PARTS = [
    {"title": "活动", "questions": [
        {"name": "f1", "label": "活动名称", "kind": "text", "required": True},
        {"name": "f2", "label": "举办日期", "kind": "date", "required": True},
        {"name": "f3", "label": "参加人数", "kind": "number", "unit": "人", "places": 0},
        {"name": "f4", "label": "所需设备", "kind": "choices", "options": ["投影", "音响", "展板"]},
        {"name": "f5", "label": "校外人员", "kind": "yes_no"},
    ]},
    {"title": "经费预算", "name": "g1", "most": 5, "questions": [
        {"name": "a1", "label": "支出项目", "kind": "text"}, {"name": "a2", "label": "金额", "kind": "number"},
    ]},
]  # fmt: skip
OTHER = [{"title": "申请", "questions": [{"name": "f1", "label": "补办原因", "kind": "text"}]}]


@pytest.fixture(autouse=True)
def _without_printing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What LibreOffice makes of a form is tested elsewhere."""
    monkeypatch.setattr(printing, "program", lambda: None)


@pytest.fixture
def office(school: OrgUnit) -> OrgUnit:
    return OrgUnitFactory.create(parent=school, code="2040", name="校团委", kind="office")


@pytest.fixture
def office_clerk(acting: Callable[..., Actor], office: OrgUnit) -> Actor:
    return acting("clerk", office, name="周干事")


@pytest.fixture
def applicant(acting: Callable[..., Actor], college: OrgUnit) -> Actor:
    return acting("student", college, person=PersonFactory(home_unit=college, name="李明"))


def drawn(office: OrgUnit, key: str, title: str, parts: list[Any]) -> Design:
    design = Design.objects.create(
        key=key, title=title, area="后勤", department=office, guide="填写后办理", state="open", layout={"parts": parts}
    )  # fmt: skip
    Version.objects.create(
        design=design, number=1, layout=design.layout, by_name="周干事", published_at=timezone.now()
    )
    return design


def paper() -> bytes:
    """The form as the department handed it round on paper."""
    document = docx.Document()
    document.add_heading("学生活动审批表", 1)
    table = document.add_table(rows=8, cols=4, style="Table Grid")
    rows = [
        ("姓名", "", "申请日期", "    年  月  日"),
        ("活动名称", "", "举办日期", "    年  月  日"),
        ("参加人数", "", "校外人员", "□是 □否"),
        ("所需设备", "□投影 □音响 □展板", "办件号", ""),
        ("序号", "支出项目", "金额", "备注"),
        ("", "", "", ""),
        ("", "", "", ""),
        ("校团委意见", "", "", ""),
    ]
    for row, words in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, words, strict=True):
            cell.text = text
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


@pytest.fixture
def edition(office: OrgUnit, office_clerk: Actor) -> Edition:
    drawn(office, "card", "校园卡补办", OTHER)
    drawn(office, "event", "学生活动审批", PARTS)
    file = store(
        "审批表.docx", paper(), actor=Actor.system("tests"), purpose="制式表格", allow=("docx",), held=True
    )
    form = services.upload(
        actor=office_clerk, title="学生活动审批表", code="hd", owner=office, audience=Form.Audience.STUDENT, name="2026 版", file=file
    )  # fmt: skip
    services.connect(form, actor=office_clerk, service="event")
    found: Edition = form.editions.get()
    return found


def in_force(edition: Edition, actor: Actor) -> None:
    services.confirm_all(edition, actor=actor)
    edition.refresh_from_db()
    services.put_in_force(edition, actor=actor, on=timezone.localdate())


def granted(key: str, applicant: Actor, clerk: Actor, answers: str) -> None:
    """Handed in as the page does it, and settled by the department."""
    service = designed.service_of(Design.objects.get(key=key))
    person = Person.objects.get(pk=applicant.person_id)
    asking = asking_for(service, actor=applicant, applicant=person)
    assert asking is not None
    filled, sheet = asking.read(QueryDict(answers), {})
    assert filled is not None, [one.errors for group in sheet.groups for one in group.fields]
    handing_in.hand_in(service, filled, actor=applicant, applicant=person, token=uuid4())
    item = WorkItem.objects.get(person_id=clerk.person_id, state=WorkItem.State.TODO)
    workflow.act(item, "approve", actor=clerk, opinion="同意举办")
    deliver()


ANSWERS = (
    "f1=读书会&f2=2026-12-05&f3=80&f4=投影&f4=展板&f5=on&g1.0.a1=海报&g1.0.a2=120.50&g1.1.a1=茶水&g1.1.a2=80"
)


class TestMapping:
    def test_the_questions_of_the_drawn_form_are_suggested(self, edition: Edition) -> None:
        elements = {one.label: one.element for one in edition.bound.values()}
        assert elements["活动名称"] == "application.f1"
        assert elements["举办日期"] == "application.f2"
        assert elements["申请日期"] == "application.handed_in"
        assert "application.g1" in elements.values()

    def test_they_are_offered_on_the_page(self, edition: Edition, office_clerk: Actor, client: Any) -> None:
        client.force_login(Account.objects.get(pk=office_clerk.account_id))
        page = client.get(f"/paperwork/editions/{edition.pk}/map/").content.decode()
        assert 'value="application.f1"' in page
        assert "活动名称（校团委）" in page

    def test_words_around_an_answer_and_conditions_on_it(
        self, edition: Edition, office_clerk: Actor, applicant: Actor
    ) -> None:
        slot = next(one.key for one in edition.found if one.label == "活动名称")
        services.bind(
            edition, actor=office_clerk, slot=slot, text="“{application.f1}”{application.f5 == '是' ? 有校外人员 : 校内}"
        )  # fmt: skip
        in_force(edition, office_clerk)
        granted("event", applicant, office_clerk, ANSWERS)
        assert "“读书会”有校外人员" in words()

    def test_a_question_that_nobody_asks_is_refused(self, edition: Edition, office_clerk: Actor) -> None:
        slot = next(one.key for one in edition.found if one.label == "活动名称")
        with pytest.raises(Refused, match="没有数据项"):
            services.bind(edition, actor=office_clerk, slot=slot, element="application.f9")


def words() -> list[str]:
    issued = Issued.objects.get()
    assert issued.file is not None
    with open_file(issued.file) as content:
        document = docx.Document(io.BytesIO(content.read()))
    return ["".join(cell.text.split()) for row in document.tables[0].rows for cell in row.cells]


class TestFilling:
    def test_every_kind_of_answer_stands_in_the_form(
        self, edition: Edition, office_clerk: Actor, applicant: Actor
    ) -> None:
        in_force(edition, office_clerk)
        granted("event", applicant, office_clerk, ANSWERS)
        said = words()
        assert {"李明", "读书会", "2026年12月5日", "80人", "☑投影□音响☑展板", "☑是□否"} <= set(said)
        assert {"海报", "120.5", "茶水", "80"} <= set(said)

    def test_services_that_share_a_process_have_each_their_own_form(
        self, edition: Edition, office_clerk: Actor, applicant: Actor
    ) -> None:
        in_force(edition, office_clerk)
        granted("card", applicant, office_clerk, "f1=遗失")
        assert not Issued.objects.exists()
