"""The pages and the API, asked as a program asks them."""

from datetime import date
from io import BytesIO

import orjson
import pytest
from django.http import Http404
from django.test import RequestFactory
from python_calamine import CalamineWorkbook

from yanta.kernel.base.refused import NotAllowed, OutOfScope
from yanta.kernel.codes import api, exports, loading, packaged, pages, queries, views
from yanta.kernel.codes.models import CodeSet, Proposal
from yanta.kernel.codes.rules import CodeTable, Entry
from yanta.kernel.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(engineer):
    def asked(view, actor=engineer, query=None, **address):
        request = RequestFactory().get("/codes/", query or {})
        request.actor = actor
        return view.as_view()(request, **address)

    return asked


def said(response):
    return response.content.decode()


SHOWN = {
    "GBT2260_XZQH", "GBT2261_1_XB", "GBT3304_MZ", "GBT12407_ZWJB", "MOE_UNDERGRAD_2025",
    "MOE_UNDERGRAD_2026_SUPPLEMENT",
}  # fmt: skip


@pytest.fixture
def loaded(db, monkeypatch):
    """Every set and element, but only the codes that these tests look at: the rest costs seconds a test."""
    every = loading._codes
    monkeypatch.setattr(loading, "_codes", lambda: (row for row in every() if row[0] in SHOWN))
    loading.load_codes()


class TestBrowse:
    def test_a_tree_opens_level_by_level(self, ask, loaded):
        roots = said(ask(views.BrowseView, set_id="GBT2260_XZQH"))
        below = said(ask(views.BrowseView, set_id="GBT2260_XZQH", query={"under": "610100"}))
        assert "陕西省" in roots
        assert "雁塔区" not in roots
        assert "雁塔区" in below

    def test_a_search_finds_aliases_too(self, ask, loaded):
        assert "汉族" in said(ask(views.BrowseView, set_id="GBT3304_MZ", query={"q": "ha"}))

    def test_a_doubtful_set_says_so(self, ask, loaded):
        assert "凭经验整理，待核对" in said(ask(views.BrowseView, set_id="GBT12407_ZWJB"))

    def test_use_shows_what_is_off_standard(self, ask, loaded):
        Person.objects.create(number="P1", name="某人", sex="7")
        page = said(ask(views.BrowseView, set_id="GBT2261_1_XB", query={"tab": "use"}))
        assert "不在标准内的值" in page

    def test_where_one_code_is_used(self, ask, sexes):
        Person.objects.create(number="P1", name="某人", sex="1")
        assert "tab=use&amp;code=1" in said(ask(views.BrowseView, set_id="GBT2261_1_XB"))
        counted = [one.rows for one in queries.usages_of("GBT2261_1_XB", ["2"]) if one.model is Person]
        page = said(ask(views.BrowseView, set_id="GBT2261_1_XB", query={"tab": "use", "code": "2"}))
        assert counted == [0]
        assert "移除条件" in page

    def test_a_box_gets_options_and_a_program_gets_json(self, engineer):
        def asked(**headers):
            request = RequestFactory().get("/codes/", {"q": "雁塔"}, headers=headers)
            request.actor = engineer
            return said(views.SuggestView.as_view()(request, set_id="GBT2260_XZQH"))

        assert 'data-value="610113" data-text="陕西省/西安市/雁塔区"' in asked(**{"HX-Request": "true"})
        assert orjson.loads(asked())["codes"][0]["code"] == "610113"

    def test_changes_show_their_effect(self, ask, sexes):
        Person.objects.create(number="P1", name="某人", sex="9")
        Proposal.objects.create(
            code_set=sexes,
            kind="retire",
            code="9",
            effective_on=date(2027, 1, 1),
            reason="x",
            proposed_by="x",
        )
        assert "不能自动改写" in said(ask(views.BrowseView, set_id="GBT2261_1_XB", query={"tab": "changes"}))

    def test_editions_and_about(self, ask, loaded):
        assert "MOE_UNDERGRAD_2025" in said(
            ask(views.BrowseView, set_id="MOE_UNDERGRAD_2026_SUPPLEMENT", query={"tab": "editions"})
        )
        assert "GitHub" in said(ask(views.BrowseView, set_id="GBT3304_MZ", query={"tab": "about"}))

    def test_who_may_not_and_what_is_not(self, ask, loaded, nobody_special):
        with pytest.raises(NotAllowed):
            ask(views.BrowseView, actor=nobody_special, set_id="GBT3304_MZ")
        with pytest.raises(Http404):
            ask(views.BrowseView, set_id="NOTHING")

    def test_the_difference_of_editions(self, ask, loaded):
        page = said(ask(views.CompareView, old="MOE_UNDERGRAD_2025", new="MOE_UNDERGRAD_2026_SUPPLEMENT"))
        assert "140001" in page
        assert "不完整" in page


class TestDictionary:
    def test_subsets_and_elements(self, ask, loaded):
        assert "人员基本数据子类" in said(ask(views.DictionaryView))
        assert "没有找到" in said(ask(views.DictionaryView, query={"q": "绝无此元"}))
        page = said(ask(views.SubsetView, subset="JCTB0201"))
        assert "人事处" in page  # where the name of a person is kept

    def test_a_corrected_length_is_explained(self, ask, loaded):
        assert "标准写作 1" in said(ask(views.SubsetView, subset="JCJG0202"))

    def test_coverage(self, ask, loaded):
        assert "人员 · 性别" in said(ask(views.CoverageView))


class TestExports:
    def test_codes_stay_text_in_excel(self):
        content = BytesIO(exports.code_set(packaged.table("GBT3304_MZ"), "xlsx").content)
        rows = CalamineWorkbook.from_filelike(content).get_sheet_by_index(0).to_python()
        assert rows[1][:2] == ["01", "汉族"]

    def test_python_and_json_can_be_read_back(self):
        table = packaged.table("GBT8561_ZYJSZW")
        namespace: dict = {}
        exec(exports.code_set(table, "py").content, namespace)
        assert namespace["Gbt8561Zyjszw"]("011").value == "011"
        assert len(namespace["Gbt8561Zyjszw"]) == len(table.entries)
        assert orjson.loads(exports.code_set(table, "json").content)["codes"][1]["name"] == "教授"

    def test_sql_is_quoted(self):
        table = CodeTable("T", "测试", {"1": Entry("1", "it's")})
        assert "'it''s'" in exports.code_set(table, "sql").content.decode()

    @pytest.mark.parametrize("kind", exports.kinds())
    def test_every_kind_is_handed_out(self, ask, sexes, kind):
        response = ask(views.ExportView, set_id="GBT2261_1_XB", kind=kind)
        assert response.headers["Content-Disposition"].endswith(f'GBT2261_1_XB.{kind}"')

    def test_the_dictionary(self, ask, loaded):
        assert len(orjson.loads(ask(views.DictionaryExportView, kind="json").content)) == 1_390


class TestApi:
    def asked(self, actor):
        request = RequestFactory().get("/")
        request.actor = actor
        return request

    def test_validates_many_at_once(self, teacher):
        question = api.Question(set_id="GBT3304_MZ", values=["汉", "火星"])
        answer = orjson.loads(api.validate(self.asked(teacher), question).content)
        assert answer["verdicts"]["汉"]["code"] == "01"
        assert answer["verdicts"]["火星"]["ok"] is False

    def test_an_unknown_set_is_not_found(self, teacher):
        with pytest.raises(OutOfScope):
            api.validate(self.asked(teacher), api.Question(set_id="X", values=[]))

    def test_suggests(self, teacher):
        answer = orjson.loads(api.suggest(self.asked(teacher), "GBT2260_XZQH", "雁塔").content)
        assert answer[0] == {"code": "610113", "name": "雁塔区", "path": "陕西省/西安市/雁塔区"}

    def test_people_are_seen_only_within_scope(self, teacher, engineer):
        Person.objects.create(number="P1", name="某人")
        assert orjson.loads(api.suggest(self.asked(teacher), "SCHOOL_PERSON", "P1").content) == []

    def test_dictionary_and_coverage(self, engineer, loaded):
        elements = orjson.loads(api.dictionary(self.asked(engineer), "JCTB0201").content)
        name = next(one for one in elements if one["identifier"] == "XM")
        assert "people.Person.name" in [place["field"] for place in name["kept_in"]]
        assert any(
            one["system"] == "人员" for one in orjson.loads(api.coverage(self.asked(engineer)).content)
        )

    def test_maps_by_crosswalk_only_for_who_may_see_it(self, nobody_special):
        with pytest.raises(NotAllowed):
            api.map_code(self.asked(nobody_special), "k", "1")


def test_a_flat_set_is_one_level_in_pages():
    table = packaged.table("MOE_SCHOOLS_2025")
    second = pages.code_page(table, under="", text="", page=2, used=pages.used_codes([]))
    assert (second.total, len(second.lines)) == (3167, pages.MOST_ROWS)


def test_the_tone_of_a_verdict():
    tones = {verdict: pages.tone_of(CodeSet(verdict=verdict)) for verdict in CodeSet.Verdict.values}
    assert tones["complete"] == "success"
    assert tones["partial"] == tones["from-knowledge-needs-check"] == "warning"


class TestLinks:
    def test_only_who_may_add_a_crosswalk_is_told_to(self, ask, loaded, engineer, clerk):
        use = {"set_id": "GBT2261_1_XB", "query": {"tab": "use"}}
        assert "/codes/crosswalk/new/" in said(ask(views.BrowseView, engineer, **use))
        assert "/codes/crosswalk/new/" not in said(ask(views.BrowseView, clerk, **use))

    def test_a_student_reads_the_name_of_a_set(self, ask, loaded, engineer, student_actor):
        assert "/codes/browse/GBT2261_1_XB/" in said(ask(views.SubsetView, engineer, subset="JCTB0201"))
        assert "/codes/browse/" not in said(ask(views.SubsetView, student_actor, subset="JCTB0201"))
