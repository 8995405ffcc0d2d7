"""The workbench: who may draw, what is checked, how a drawing becomes a version."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from yanta.kernel.workflow.models import Process, Version
from yanta.kernel.workflow.tests.world import EIGHT

pytestmark = pytest.mark.django_db
BASE = "/workflow/processes/test.eight/"
BETTER = EIGHT.replace('id="two" name="two"', 'id="two" name="院领导"')


def text(answer):
    return answer.content.decode()


def send(client, address, xml):
    return client.post(address, xml, content_type="application/xml")


@pytest.fixture
def desk(eight, engineer, as_actor):
    return as_actor(engineer)


class TestWho:
    @pytest.mark.parametrize(
        "part", ["", "draw/", "draft/", "publish/", "import/", "compare/?from=1&to=1", "1.bpmn"]
    )
    def test_a_stranger_learns_not_even_that_it_exists(self, eight, page_of, part):
        assert page_of("甲").get(BASE + part).status_code == 404

    def test_a_stranger_changes_nothing(self, eight, page_of):
        assert send(page_of("甲"), BASE + "draft/", BETTER).status_code == 404
        assert not Version.objects.filter(state="draft").exists()

    def test_the_list_is_refused_to_who_draws_nothing(self, eight, page_of):
        assert page_of("甲").get("/workflow/processes/").status_code == 403

    def test_the_head_of_the_owning_department_draws(self, eight, college, acting, as_actor):
        Process.objects.filter(key="test.eight").update(owner=college.name)

        assert as_actor(acting("head", college)).get(BASE).status_code == 200
        assert as_actor(acting("clerk", college)).get(BASE).status_code == 404


class TestDrawing:
    def test_the_list_and_the_pages(self, desk):
        assert "test.eight" in text(desk.get("/workflow/processes/"))
        for part in ("", "draw/", "draw/?version=1", "import/"):
            assert desk.get(BASE + part).status_code == 200

    def test_what_is_opened_has_a_drawing_and_the_words_to_choose_from(self, desk):
        data = desk.get(BASE + "draft/").json()

        assert "BPMNShape" in data["xml"]
        assert ["t1", "t1"] in data["words"]["relations"]
        assert ["organisation.orgunit.decide", "定"] in data["words"]["operations"]

    def test_a_draft_is_kept_and_what_runs_keeps_its_version(self, world, desk):
        instance = world.start()
        assert send(desk, BASE + "draft/", BETTER).json()["findings"] is not None

        desk.post(BASE + "publish/", {"note": "改名"})

        instance.refresh_from_db()
        assert Version.objects.get(state="current").number == instance.version.number + 1

    def test_what_does_not_exist_is_said_at_the_step(self, desk):
        wrong = EIGHT.replace("relation:t2", "relation:nobody").replace(
            "organisation.orgunit.decide", "organisation.orgunit.fly"
        )
        findings = send(desk, BASE + "check/", wrong).json()["findings"]

        said = {(one["node"], one["reason"]) for one in findings if one["severity"] == "error"}
        assert ("two", "办理人写的关系 nobody 不存在") in said
        assert ("eight", "操作 organisation.orgunit.fly 不存在") in said
        assert not Version.objects.filter(state="draft").exists()  # checking keeps nothing

    def test_a_drawing_with_errors_is_not_published(self, desk):
        send(desk, BASE + "draft/", EIGHT.replace("relation:t2", "relation:nobody"))
        answer = desk.post(BASE + "publish/", {"note": "x"})

        assert answer.status_code == 422
        assert "还有 1 处不能执行" in text(answer)
        assert Version.objects.get(state="current").number == 1

    def test_publishing_asks_what_changed(self, desk):
        send(desk, BASE + "draft/", BETTER)

        assert "改了什么" in text(desk.post(BASE + "publish/", {"note": " "}))

    def test_versions_are_compared(self, desk):
        send(desk, BASE + "draft/", BETTER)
        page = text(desk.get(BASE + "compare/?from=1&to=draft"))
        data = desk.get(BASE + "compare/?from=1&to=draft&data=1").json()

        assert "院领导" in page
        assert data["marks"] == {"added": [], "removed": [], "changed": ["two"]}

    @pytest.mark.parametrize("body", ["", "<a/>", "nonsense", "<!DOCTYPE x [<!ENTITY a 'b'>]><definitions/>"])
    def test_what_is_no_drawing_is_refused_in_words(self, desk, body):
        answer = send(desk, BASE + "draft/", body)

        assert answer.status_code == 422
        assert answer.json()["refusal"]

    def test_files_in_and_out(self, desk):
        answer = desk.post(BASE + "import/", {"file": SimpleUploadedFile("a.bpmn", BETTER.encode())})
        assert answer.url == BASE + "draw/"
        assert "院领导" in Version.objects.get(state="draft").xml
        assert 'name="two"' in text(desk.get(BASE + "1.bpmn"))

    def test_a_file_of_another_kind_is_refused(self, desk):
        answer = desk.post(BASE + "import/", {"file": SimpleUploadedFile("a.vsdx", b"PK\x03\x04")})

        assert answer.status_code == 422
        assert "Visio" in text(answer)


class TestMoving:
    def test_running_matters_are_taken_over_on_purpose_after_a_preview(self, world, desk):
        instance = world.start()
        send(desk, BASE + "draft/", BETTER)
        desk.post(BASE + "publish/", {"note": "改名"})
        assert "可以迁移" in text(desk.get(BASE + "move/"))
        instance.refresh_from_db()
        assert instance.version.number == 1  # looking moves nothing

        desk.post(BASE + "move/")

        instance.refresh_from_db()
        assert instance.version.number == 2

    def test_what_cannot_be_moved_says_why(self, world, desk):
        world.start()
        send(desk, BASE + "draft/", EIGHT.replace('"one"', '"other"'))
        desk.post(BASE + "publish/", {"note": "换掉第一步"})

        assert "没有正在办的“one”" in text(desk.get(BASE + "move/"))

    def test_a_stranger_moves_nothing(self, eight, page_of):
        assert page_of("甲").post(BASE + "move/").status_code == 404
