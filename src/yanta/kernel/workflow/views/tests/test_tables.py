"""The table of who approves, as it is filled in: every cell answers, the draft keeps it, publishing makes it count."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from yanta.kernel.workflow import declare
from yanta.kernel.workflow.bpmn.decisions import decisions_in
from yanta.kernel.workflow.bpmn.reading import read
from yanta.kernel.workflow.models import Version
from yanta.kernel.workflow.tests.world import asks, bpmn, chain

pytestmark = pytest.mark.django_db
BASE = "/workflow/processes/test.eight/"
ONE = bpmn(
    '<startEvent id="s"/><endEvent id="e"/>' + asks("one", "t1").replace("relation:t1", "decision:table_1"), *chain("s", "one", "e")
)  # fmt: skip
FORM = {
    "title": "谁批", "hit": "FIRST", "columns": "1", "outputs": "1", "rows": "2", "label-0": "字数", "in-0": "words", "out-0": "assignee",
    "t-0-0": "≤ 3", "a-0-0": "t2", "n-0": "短的", "t-1-0": "-", "a-1-0": "relation:t3",
}  # fmt: skip


def text(answer):
    return answer.content.decode()


@pytest.fixture
def desk(drawn, engineer, as_actor):
    drawn(
        ONE.replace("decision:table_1", "relation:t1"),
        data=lambda unit: {"words": len(unit.name)},
        names={"words": "字数"},
    )
    client = as_actor(engineer)
    client.post(BASE + "draft/", ONE, content_type="application/xml")
    return client


def save(desk, table="new", **changed):
    return desk.post(f"{BASE}tables/{table}/", FORM | {"do": "save"} | changed)


def tables():
    return decisions_in(read(Version.objects.get(state="draft").xml).root)


class TestFilling:
    def test_a_new_table_begins_with_the_first_name(self, desk):
        page = text(desk.get(BASE + "tables/new/"))

        assert 'value="words"' in page
        assert "字数" in page

    def test_it_is_kept_in_the_draft_as_the_engine_reads_it(self, desk):
        assert save(desk).url == BASE + "tables/table_1/?saved=1"

        (kept,) = tables()
        assert [rule.conditions for rule in kept.rules] == [("<= 3",), ("-",)]
        assert [rule.answers for rule in kept.rules] == [('"relation:t2"',), ('"relation:t3"',)]
        assert "已存进草稿" in text(desk.get(BASE + "tables/table_1/?saved=1"))

    @pytest.mark.parametrize(
        ("cell", "typed", "reason"),
        [
            ("t-0-0", "大约三天吧？", "看不懂"), ("a-0-0", "谁都行", "不认识“谁都行”"), ("a-0-0", "relation:nobody", "关系 nobody 不存在"),
            ("a-0-0", "", "请写由谁办"), ("in-0", "height", "这个流程没有“height”"), ("in-0", "", "请选这一列看什么"),
            ("a-0-0", "decision:table_1", "决策表 table_1 不存在"), ("title", "", "请给这张表起个名字"), ("t-0-0", "x" * 400, "最多 300 个字"),
        ],
    )  # fmt: skip
    def test_a_cell_says_what_is_wrong_with_it(self, desk, cell, typed, reason):
        answer = save(desk, **{cell: typed})

        assert answer.status_code == 422
        assert reason in text(answer)
        assert tables() == []

    def test_a_cell_says_what_it_means(self, desk):
        page = text(save(desk, do="check"))

        assert "不超过 3" in page
        assert "不限" in page

    def test_what_is_left_open_is_said_before_it_happens(self, desk):
        assert "没有一行管：字数 = 4" in text(save(desk, do="check", **{"t-1-0": "> 4"}))

    def test_rows_and_columns_come_and_go(self, desk):
        assert 'name="t-2-0"' in text(save(desk, do="add-row"))
        assert 'name="t-0-1"' in text(save(desk, do="add-column"))
        assert 'name="t-1-0"' not in text(save(desk, do="drop-row-0"))
        moved = text(save(desk, do="down-row-0"))
        assert moved.index('value="relation:t3"') < moved.index('value="t2"')
        assert tables() == []

    @pytest.mark.parametrize(
        "odd", ["", "drop-row-99", "up-row-0", "x-y-z", "drop-column-0", "drop-output-0"]
    )
    def test_odd_buttons_are_answered(self, desk, odd):
        assert save(desk, do=odd).status_code in (200, 422)

    def test_it_is_tried_before_it_counts(self, desk):
        assert "第 1 行成立" in text(save(desk, do="try", **{"try-words": "2"}))
        assert "第 2 行成立" in text(save(desk, do="try", **{"try-words": "9"}))


class TestVersions:
    def test_once_published_it_decides_who_is_asked(self, world, desk):
        world.unit.name = "很长的学院名"
        world.unit.save()
        save(desk)
        assert desk.post(BASE + "publish/", {"note": "按字数"}).status_code == 302

        assert world.asked(world.start()) == world.relations["t3"][0]
        assert "谁批" in text(desk.get(BASE + "tables/?version=2"))
        assert "readonly" in text(desk.get(BASE + "tables/table_1/?version=2"))

    def test_the_comparison_names_the_rows(self, desk):
        save(desk)

        assert "谁批" in text(desk.get(BASE + "publish/"))

    def test_a_canvas_that_was_open_does_not_undo_it(self, desk):
        save(desk)
        desk.post(BASE + "draft/", ONE, content_type="application/xml")

        assert [one.key for one in tables()] == ["table_1"]

    def test_the_designer_offers_the_tables(self, desk):
        save(desk)

        assert desk.get(BASE + "draft/").json()["words"]["tables"] == [["table_1", "谁批"]]

    def test_out_and_in_as_a_file(self, desk):
        save(desk)
        file = desk.get(BASE + "tables/table_1.dmn").content
        desk.post(BASE + "tables/table_1/drop/")
        assert tables() == []

        desk.post(BASE + "tables/", {"file": SimpleUploadedFile("a.dmn", file)})

        assert [one.name for one in tables()] == ["谁批"]

    def test_another_file_is_refused_in_words(self, desk):
        answer = desk.post(BASE + "tables/", {"file": SimpleUploadedFile("a.dmn", b"PK\x03\x04")})

        assert answer.status_code == 422


class TestWho:
    @pytest.mark.parametrize("part", ["tables/", "tables/new/", "tables/table_1/", "tables/table_1.dmn"])
    def test_a_stranger_learns_not_even_that_it_exists(self, eight, page_of, part):
        assert page_of("甲").get(BASE + part).status_code == 404

    def test_a_table_that_is_not_there(self, desk):
        assert desk.get(BASE + "tables/nothing/").status_code == 404
        assert declare.declared("test.eight").names == {"words": "字数"}
