"""The pages: what is asked, what is not, drafts, helpers, figures."""

import base64
import io
import json
from dataclasses import replace
from uuid import uuid4

import pytest
from django.utils import timezone
from PIL import Image

from yanta.kernel import workflow
from yanta.kernel.base import Refused
from yanta.kernel.testing.factories import PersonFactory
from yanta.kernel.testing.rows import RowMaker
from yanta.kernel.workflow.models import Process, WorkItem
from yanta.kernel.workflow.offering import service_named
from yanta.masterdata.models import Student
from yanta.systems.hall.models import Design, Draft, Matter, Rating
from yanta.systems.hall.queries import catalogue, designed
from yanta.systems.hall.resources import DesignResource
from yanta.systems.hall.rules import duties
from yanta.systems.hall.services import handing_in
from yanta.systems.hall.tests.conftest import design_of
from yanta.systems.hall.views.asking import Asking

APPLY = "/hall/service/card/apply/"


class TestCatalogue:
    def test_finds_by_name_by_what_people_say_and_by_sound(self, card):
        card.words = "饭卡 一卡通"
        services = [designed.service_of(card)]

        for text in ("校园卡", "我的饭卡丢了", "xykbb", "xiaoyuanka", "校园卡怎么补办"):
            assert catalogue.found_by(services, text), text
        assert not catalogue.found_by(services, "出国")

    def test_says_why_this_person_may_not(self, card, office_clerk, client_for):
        text = client_for(office_clerk).get("/hall/service/card/").content.decode()

        assert "面向学生" in text
        assert "我要办" not in text

    def test_marks_what_need_not_be_brought(self, office, office_clerk, applicant, client_for):
        design_of(office, materials="邮箱证明 | person.email\n诊断证明")

        text = client_for(applicant).get("/hall/service/card/").content.decode()

        assert text.count("学校已有，不用交") == 1
        assert "需要提交" in text

    def test_is_read_by_everybody_and_shown_within_its_budget(self, card, applicant, client_for):
        answer = client_for(applicant).get("/hall/")
        assert "校园卡补办" in answer.content.decode()
        assert len(answer.content) < 30_000

    def test_opens_on_what_one_can_use_and_searches_everywhere(self, card, office_clerk, client_for):
        client = client_for(office_clerk)

        assert "校园卡补办" not in client.get("/hall/").content.decode()
        for address in ("/hall/?for=all", "/hall/?q=校园卡", "/hall/?for=student"):
            assert "校园卡补办" in client.get(address).content.decode(), address

    def test_those_at_hand_stand_on_the_home_page(self, card, applicant, client_for):
        assert "/hall/service/card/" in client_for(applicant).get("/?_part=cards").content.decode()


class TestHangingQuestions:
    def test_what_an_answer_makes_needless_is_marked_for_the_browser(self, acting, college):
        service = service_named("class-change")
        sheet = Asking(service, actor=acting("teacher", college), applicant=PersonFactory()).sheet()

        found = {one.name: one.when for group in sheet.groups for one in group.fields}
        assert '"cancel"' in found["week"]
        assert '"cancel"' not in found["new_week"]
        assert '"extra"' in found["new_week"]
        assert found["reason"] == ""


class TestPlacementOfOnesOwn:
    def test_is_chosen_among_the_few_that_the_service_names(self, acting, college):
        service = replace(
            service_named("class-change"),
            choices={"placement": lambda actor: [(7, "高等数学，星期一 1-2 节")]},
        )
        sheet = Asking(service, actor=acting("teacher", college), applicant=PersonFactory()).sheet()

        found = next(one for group in sheet.groups for one in group.fields if one.name == "placement")
        assert (found.kind, found.lookup, found.options) == ("choice", "", [("7", "高等数学，星期一 1-2 节")])


class TestApplying:
    def test_never_asks_what_the_university_knows(self, card, applicant, client_for):
        text = client_for(applicant).get(APPLY).content.decode()

        assert 'name="f3"' not in text
        assert "李明" in text
        assert "这里不对" in text
        assert 'name="f1"' in text

    def test_asks_for_it_when_nobody_knows(self, card, acting, college, client_for):
        student = acting("student", college, person=PersonFactory(home_unit=college, email=""))

        assert 'name="f4"' in client_for(student).get(APPLY).content.decode()

    def test_takes_the_known_value_whatever_is_sent(self, card, applicant, client_for):
        data = {"token": str(uuid4()), "f1": "损坏", "f3": "王五"}

        answer = client_for(applicant).post(APPLY, data)

        assert answer.status_code == 302
        assert Matter.objects.get().answers["values"]["f3"] == "李明"

    def test_says_at_the_field_what_is_wrong(self, card, applicant, client_for):
        answer = client_for(applicant).post(APPLY, {"token": str(uuid4()), "f1": "遗失"})

        assert answer.status_code == 422
        assert "请选择遗失日期" in answer.content.decode()
        assert not Matter.objects.exists()

    def test_a_refusal_of_one_question_is_said_there_and_not_twice(
        self, card, applicant, client_for, monkeypatch
    ):
        def refused(*args, **options):
            raise Refused("这张卡已经补过", field="f1")

        monkeypatch.setattr(handing_in, "hand_in", refused)
        text = client_for(applicant).post(APPLY, {"token": str(uuid4()), "f1": "损坏"}).content.decode()

        assert text.count("这张卡已经补过") == 1
        assert "请改下面标出的地方" in text

    def test_whom_it_is_not_for_is_sent_to_the_reason(self, card, office_clerk, client_for):
        assert client_for(office_clerk).get(APPLY)["Location"] == "/hall/service/card/"


class TestDrafts:
    def put(self, client, **more):
        body = {"answers": {"f1": ["损坏"]}, "revision": 0, "token": str(uuid4()), "about": 0, **more}
        return client.post("/hall/draft/card/", json.dumps(body), content_type="application/json")

    def test_come_back_and_go_with_the_hand_in(self, card, applicant, client_for):
        client = client_for(applicant)
        token = self.put(client).json()["token"]
        assert 'value="损坏" checked' in client.get(APPLY).content.decode()

        client.post(APPLY, {"token": token, "f1": "损坏"})

        assert not Draft.objects.exists()
        assert self.put(client, token=token).status_code == 410

    def test_give_way_to_what_the_link_brings(self, card, applicant, client_for):
        client = client_for(applicant)
        self.put(client)

        assert 'value="遗失" checked' in client.get(f"{APPLY}?f1=遗失").content.decode()

    def test_two_devices_are_told_of_each_other(self, card, applicant, client_for):
        client = client_for(applicant)
        self.put(client)

        conflict = self.put(client, answers={"f1": ["遗失"]})

        assert conflict.status_code == 409
        assert conflict.json()["answers"] == {"f1": ["损坏"]}
        assert self.put(client, answers={"f1": ["遗失"]}, force=True).status_code == 200

    @pytest.mark.parametrize(
        "body", ["", "[]", '{"answers": 3}', '{"answers": {"a": "b"}, "token": "x", "revision": 1}']
    )
    def test_nonsense_is_refused(self, card, applicant, client_for, body):
        answer = client_for(applicant).post("/hall/draft/card/", body, content_type="application/json")
        assert answer.status_code == 409


class TestForAnother:
    @pytest.fixture
    def helped(self, office, office_clerk, college):
        design_of(office, by_others=True)
        maker = RowMaker(person=lambda unit: PersonFactory(home_unit=unit))
        return maker.make(Student, college)

    def test_a_counsellor_helps_and_the_matter_says_so(self, helped, acting, college, client_for):
        counsellor = acting("counsellor", college)
        client = client_for(counsellor)

        client.post(
            f"{APPLY}?for={helped.number}",
            {"token": str(uuid4()), "for": helped.number, "f1": "损坏", "f4": "a@b.cn"},
        )

        matter = Matter.objects.get()
        assert matter.applicant_id == helped.person_id
        assert matter.handed_in_by_id == counsellor.person_id
        assert "代办" in client.get(f"/hall/mine/{matter.pk}/").content.decode()

    def test_not_beyond_their_reach(self, helped, acting, other_college, client_for):
        client = client_for(acting("counsellor", other_college))
        answer = client.get(f"{APPLY}?for={helped.number}")
        assert "管理范围内没有" in answer.content.decode()

    def test_not_where_the_service_does_not_allow_it(self, card, applicant, client_for):
        answer = client_for(applicant).get(f"{APPLY}?for=2026001")
        assert "须本人申请" in answer.content.decode()


class TestMine:
    def test_others_matters_are_not_found(self, card, applicant, hand_in, acting, other_college, client_for):
        matter = hand_in(card, applicant, f1="损坏")
        stranger = client_for(acting("student", other_college))

        assert stranger.get(f"/hall/mine/{matter.pk}/").status_code == 404
        assert stranger.post(f"/hall/mine/{matter.pk}/rate/", {"stars": "5"}).status_code == 404
        assert stranger.post(f"/hall/mine/{matter.pk}/act/withdraw/").status_code == 404

    def test_shows_where_it_stands(self, card, applicant, hand_in, client_for):
        matter = hand_in(card, applicant, f1="损坏")
        client = client_for(applicant)

        assert "部门受理" in client.get(f"/hall/mine/{matter.pk}/").content.decode()
        assert matter.number in client.get("/hall/mine/").content.decode()


class TestDesigner:
    def test_keeps_a_draft_and_names_what_is_missing(self, card, engineer, client_for):
        client = client_for(engineer)
        layout = {
            "parts": [
                {
                    "title": "申请",
                    "questions": [{"name": "f1", "label": "甲", "kind": "choice", "options": ["一"]}],
                }
            ]
        }

        answer = client.post(
            f"/hall/designer/{card.pk}/", json.dumps(layout), content_type="application/json"
        )

        assert "至少要有两个不同的选项" in answer.json()["faults"][0]
        assert Design.objects.get().layout == layout

    def test_shows_it_as_a_certain_person(self, card, engineer, college, client_for):
        student = RowMaker(person=lambda unit: PersonFactory(home_unit=unit, name="赵小云")).make(
            Student, college
        )
        text = (
            client_for(engineer)
            .get(f"/hall/designer/{card.pk}/preview/?number={student.number}")
            .content.decode()
        )
        assert "赵小云" in text

    def test_is_refused_to_others(self, card, applicant, office_clerk, client_for):
        for actor in (applicant, office_clerk):
            client = client_for(actor)
            assert client.get(f"/hall/designer/{card.pk}/").status_code in (403, 404)
            answer = client.post(f"/hall/designer/{card.pk}/", "{}", content_type="application/json")
            assert answer.status_code in (403, 404)

    def test_the_record_leads_to_the_form_whom_it_lets_in(self, card, engineer, auditor):
        def titles(actor):
            return [title for title, _ in DesignResource().pages_for(card, actor)]

        assert "设计表单" in titles(engineer)
        assert "设计表单" not in titles(auditor)


class TestFigures:
    def test_for_those_who_answer_for_it(self, card, applicant, hand_in, office_clerk, client_for):
        hand_in(card, applicant, f1="损坏")
        client = client_for(office_clerk)

        assert "校园卡补办" in client.get("/hall/figures/").content.decode()
        assert "部门受理" in client.get("/hall/figures/card/").content.decode()
        assert client.get("/hall/figures/?format=xlsx")["Content-Type"].startswith("application/vnd")
        assert client_for(applicant).get("/hall/figures/").status_code == 403
        assert client.get("/hall/ranking/").status_code == 200

    def test_a_service_that_nobody_has_asked_for_says_so(self, card, office_clerk, client_for):
        client = client_for(office_clerk)
        page = client.get("/hall/figures/card/")

        assert "最近一年没有办件" in page.content.decode()
        assert "校园卡补办" in page.content.decode()
        assert client.get("/hall/figures/nothing-of-ours/").status_code == 404


def drawn_by_hand():
    """What the canvas of a signature sends."""
    kept = io.BytesIO()
    Image.effect_noise((60, 20), 40).save(kept, "PNG")
    return "data:image/png;base64," + base64.b64encode(kept.getvalue()).decode()


def test_english_counts_one_day_and_says_what_was_done(card, applicant, hand_in, client_for):
    matter = hand_in(card, applicant, f1="损坏")
    Design.objects.filter(pk=card.pk).update(days=1)
    client = client_for(applicant)
    client.cookies["django_language"] = "en"

    assert "1 working day<" in client.get("/hall/").content.decode()
    assert "from " in client.get(APPLY).content.decode()
    assert "due 20" not in (text := client.get(f"/hall/mine/{matter.pk}/").content.decode())
    assert "Handled by the department" in text
    assert "限 " not in text


def test_whoever_decides_reads_the_answers_and_sees_the_signature(
    office, office_clerk, applicant, hand_in, client_for
):
    questions = [
        {"name": "f1", "label": "物品", "kind": "text", "required": True},
        {"name": "f2", "label": "本人签名", "kind": "signature", "required": True},
    ]
    matter = hand_in(
        design_of(office, process="hall.handling", questions=questions),
        applicant,
        f1="黑色水杯",
        f2=drawn_by_hand(),
    )
    item = WorkItem.objects.get(instance=matter.instance, person_id=office_clerk.person_id)
    client, signed = client_for(office_clerk), f"/files/{matter.attachments.get().file_id}/?inline"

    page = client.get(f"/workflow/items/{item.pk}/").content.decode()

    assert "黑色水杯" in page
    assert f'<img src="{signed}" alt="已签名"' in page
    assert client.get(signed).headers["Content-Type"] == "image/png"
    assert f'<img src="{signed}"' in client_for(applicant).get(f"/hall/mine/{matter.pk}/").content.decode()


class TestAnswering:
    @pytest.fixture
    def rated(self, card, applicant, hand_in):
        """Makes a rating of a matter that is over, and puts it where the department finds it."""

        def make(stars, text, **more):
            matter = hand_in(card, applicant, f1="损坏")
            today = timezone.localdate()
            return Rating.objects.create(
                matter=matter, service="card", title=card.title, stars=stars, text=text, rated_on=today,
                answer_due_on=duties.answer_due_on(stars, on=today), **more,
            )  # fmt: skip

        return make

    def test_has_the_words_the_term_and_earlier_answers_but_no_name(self, rated, office_clerk, client_for):
        rated(2, "窗口没人", answer="已加派人手", answered_on=timezone.localdate(), answered_by="王经办")
        low = rated(1, "等了三天")

        page = client_for(office_clerk).get(f"/hall/rating/{low.pk}/answer/").content.decode()

        for text in (
            "校园卡补办",
            "等了三天",
            "★☆☆☆☆",
            f"{low.answer_due_on:%Y-%m-%d} 前答复",
            "窗口没人",
            "已加派人手",
        ):
            assert text in page, text
        assert "李明" not in page

    def test_is_given_once_and_not_empty(self, rated, office_clerk, client_for):
        low, client = rated(1, "等了三天"), client_for(office_clerk)
        address = f"/hall/rating/{low.pk}/answer/"

        assert "请写明答复内容" in client.post(address, {"text": " "}).content.decode()
        assert client.post(address, {"text": "已改进"}).status_code == 302
        assert client.post(address, {"text": "又来"}).status_code == 422
        low.refresh_from_db()
        assert low.answer == "已改进"
        assert "又来" not in client.get(address).content.decode()

    def test_is_not_for_others(self, rated, applicant, acting, other_college, client_for):
        address = f"/hall/rating/{rated(1, '慢').pk}/answer/"

        for actor in (applicant, acting("clerk", other_college)):
            assert client_for(actor).get(address).status_code in (403, 404)


class TestProcesses:
    def test_are_chosen_and_shown_by_name(self, card, engineer, client_for):
        client = client_for(engineer)

        for address in ("/hall/design/", f"/hall/design/{card.pk}/", f"/hall/design/{card.pk}/edit/"):
            assert "部门直接受理" in client.get(address).content.decode(), address
        assert "hall.handling" not in client.get("/hall/design/").content.decode()

    def test_drawn_ones_are_offered_by_their_own_name(self, db):
        Process.objects.create(key="hall.double", title="两级审核", base="hall.handling", is_drawn=True)
        Process.objects.create(key="leave.double", title="两级请假", base="leave.absence", is_drawn=True)

        offered = designed.processes()

        assert offered["hall.double"] == "两级审核"
        assert "leave.double" not in offered


def test_english_reaches_the_drawing_the_trace_and_the_figures(
    card, applicant, hand_in, office_clerk, client_for
):
    matter = hand_in(card, applicant, f1="损坏")
    item = WorkItem.objects.get(instance=matter.instance, person_id=office_clerk.person_id)
    client = client_for(office_clerk)
    client.cookies["django_language"] = "en"
    waiting = client_for(applicant)
    waiting.cookies["django_language"] = "en"
    assert "部门受理" not in waiting.get(f"/workflow/trace/{matter.instance_id}/").content.decode()
    workflow.act(item, "approve", actor=office_clerk, opinion="ok")

    drawing = client.get(f"/workflow/trace/{matter.instance_id}/diagram/").json()["xml"]
    trace = client.get(f"/workflow/trace/{matter.instance_id}/").content.decode()
    figures = client.get("/hall/figures/card/").content.decode()

    assert "部门受理" not in drawing
    assert "Handled by the department" in drawing
    assert 'width="90"' in drawing  # the room of a label was measured for its Chinese name
    assert "Handled directly by the department" in trace
    assert "系统" not in trace
    assert "Most in 20" in figures
    assert "月最多" not in figures
