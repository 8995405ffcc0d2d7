import io
import zipfile

import docx
import openpyxl
import pytest

from yanta.kernel.base import Refused
from yanta.kernel.documents import open_form
from yanta.kernel.documents.filling import fill
from yanta.kernel.documents.model import Opinion
from yanta.kernel.documents.samples import SAMPLES, build
from yanta.kernel.documents.suggesting import suggest, take_over
from yanta.kernel.documents.tests.facts import ON, bound, facts, filled

pytestmark = pytest.mark.django_db  # boxes are told by the code tables


def words(content: bytes) -> str:
    """Everything a Word file says."""
    document = docx.Document(io.BytesIO(content))
    return "\n".join("".join(node.text or "" for node in part.iter("{*}t")) for part in document.element.body)


@pytest.fixture(scope="module")
def registration():
    return open_form(build(SAMPLES["student-registration"]), "docx")


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=lambda one: one.key)
def test_every_form_opens_again_after_filling(sample):
    made = filled(sample, 2)
    assert made.written
    if sample.kind == "docx":
        docx.Document(io.BytesIO(made.content))
    else:
        openpyxl.load_workbook(io.BytesIO(made.content))


class TestDetection:
    def test_labels_left_of_their_cells(self, registration):
        slots = {slot.label: slot for slot in registration.slots()}
        assert slots["姓名"].kind == "text"
        assert slots["姓名"].key == "b.t0.r0.c1"

    def test_photo_opinion_and_repeating_rows(self, registration):
        kinds = {slot.label: slot.kind for slot in registration.slots()}
        assert kinds["照片（近期免冠一寸）"] == "photo"
        assert kinds["学院意见"] == "opinion"
        assert kinds["在校经历"] == "rows"

    def test_a_merged_cell_is_one_cell(self, registration):
        grid = next(block for block in registration.blocks if hasattr(block, "cells"))
        assert grid.at(2, 6) is grid.at(0, 6)
        assert grid.at(0, 6).rows == 4

    def test_content_controls_that_show_their_prompt_are_empty(self):
        form = open_form(build(SAMPLES["enrolment-proof"]), "docx")
        assert "姓名" in {slot.label for slot in form.slots()}

    def test_somebody_elses_name_is_not_ones_own(self):
        form = open_form(build(SAMPLES["aid-loan"]), "xlsx")
        slots = form.slots()
        others = [slot.key for slot in slots if "共同借款人" in slot.near]
        assert others
        assert not set(others) & suggest(slots).keys()


class TestWord:
    def test_words_boxes_and_days(self):
        text = words(filled(SAMPLES["hardship"]).content)
        assert "李雷" in text
        assert "☑男" in text
        assert "□女" in text
        assert "2026" in text

    def test_rows_beyond_the_form_go_on_a_continuation_page(self):
        made = filled(SAMPLES["transcript"], courses=20)
        text = words(made.content)
        assert made.pages_added == 1
        assert "续页" in text
        assert "高等数学（19）" in text

    def test_opinion_name_and_day_stand_where_the_form_wants_them(self):
        text = words(filled(SAMPLES["suspension"]).content)
        assert "情况属实，同意申报。" in text
        assert text.count("王建国") >= 2

    def test_a_value_that_is_too_long_is_reported_and_still_written(self, registration):
        known = {
            **facts(),
            "person.name": facts()["person.name"].__class__("很长的名字" * 30, "很长的名字" * 30),
        }
        made = fill(
            registration.again(),
            registration.slots(),
            {"b.t0.r0.c1": bound("b.t0.r0.c1", "姓名", "person.name")},
            known,
        )
        assert [one.kind for one in made.problems if one.label == "姓名"] == ["too_long"]
        assert "很长的名字" in words(made.content)

    def test_what_is_not_filled_stays_as_it_was(self, registration):
        before = zipfile.ZipFile(io.BytesIO(registration.content))
        after = zipfile.ZipFile(io.BytesIO(filled(SAMPLES["student-registration"]).content))
        assert before.read("word/styles.xml")[:200] == after.read("word/styles.xml")[:200]
        assert set(before.namelist()) <= set(after.namelist())


class TestExcel:
    def test_merged_cells_photo_and_continuation_sheets(self):
        made = filled(SAMPLES["course-record"], courses=30)
        book = openpyxl.load_workbook(io.BytesIO(made.content))
        assert len(book.sheetnames) == 3
        assert made.pages_added == 2
        assert book.worksheets[2]["C9"].value == "高等数学（29）"
        assert book.worksheets[1].print_area == book.worksheets[0].print_area.replace(
            book.sheetnames[0], book.sheetnames[1]
        )

    def test_charts_and_pictures_which_openpyxl_would_lose_stay(self):
        import xlsxwriter

        kept = io.BytesIO()
        book = xlsxwriter.Workbook(kept)
        sheet = book.add_worksheet("表")
        border = book.add_format({"border": 1})
        sheet.write_row(0, 0, ["姓名", ""], border)
        sheet.write_row(1, 0, ["照片", ""], border)
        sheet.write_column(3, 0, [1, 2, 3])
        sheet.write_formula(6, 0, "=SUM(A4:A6)", None, 6)
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=表!$A$4:$A$6"})
        sheet.insert_chart("D2", chart)
        book.close()
        form = open_form(kept.getvalue(), "xlsx")
        keys = {slot.label: slot for slot in form.slots()}
        bindings = {
            keys["姓名"].key: bound(keys["姓名"].key, "姓名", "person.name"),
            keys["照片"].key: bound(keys["照片"].key, "照片", "person.photo", kind="photo"),
        }
        made = fill(form.again(), form.slots(), bindings, facts())
        names = zipfile.ZipFile(io.BytesIO(made.content)).namelist()
        assert any("charts/chart" in name for name in names)
        assert any("media/yanta" in name for name in names)
        assert not made.problems

    def test_a_cell_with_a_format_for_days_gets_a_day(self):
        book = openpyxl.Workbook()
        sheet = book.active
        thin = openpyxl.styles.Side(style="thin")
        for address, value in (("A1", "出生日期"), ("B1", None)):
            sheet[address] = value
            sheet[address].border = openpyxl.styles.Border(thin, thin, thin, thin)
        sheet["B1"].number_format = "yyyy-mm-dd"
        kept = io.BytesIO()
        book.save(kept)
        form = open_form(kept.getvalue(), "xlsx")
        made = fill(
            form.again(),
            form.slots(),
            {"Sheet!B1": bound("Sheet!B1", "出生日期", "person.birth_on")},
            facts(),
        )
        assert (
            openpyxl.load_workbook(io.BytesIO(made.content)).active["B1"].value.date().isoformat()
            == "2005-02-22"
        )


class TestReport:
    def test_every_slot_is_written_or_explained(self, registration):
        made = fill(registration.again(), registration.slots(), {}, facts())
        assert {one.kind for one in made.problems} == {"unmapped"}
        assert len(made.problems) == len(registration.slots())

    def test_missing_names_who_keeps_it(self, registration):
        slot = next(one for one in registration.slots() if one.label == "邮箱")
        made = fill(registration.again(), [slot], {slot.key: bound(slot.key, "邮箱", "person.email")}, {})
        assert made.problems[0].kind == "missing"
        assert "归口人事处" in made.problems[0].text

    def test_an_option_that_the_form_does_not_have_is_a_conflict(self):
        form = open_form(build(SAMPLES["suspension"]), "docx")
        slot = next(one for one in form.slots() if one.kind == "check")
        binding = bound(slot.key, slot.label, "person.ethnic", kind="check")
        made = fill(form.again(), [slot], {slot.key: binding}, facts())
        assert made.problems[0].kind == "conflict"
        assert "因病" in made.problems[0].text

    def test_provenance_of_every_value(self):
        made = filled(SAMPLES["contact-card"])
        one = next(one for one in made.written if one.element == "person.phone")
        assert (one.source, one.owner, one.origin) == ("名册", "教务处", "x.Y.z")
        assert len(one.digest) == 64

    def test_a_photo_that_is_none(self, registration):
        slot = next(one for one in registration.slots() if one.kind == "photo")
        known = {"person.photo": facts()["person.photo"].__class__(b"no picture", "有照片")}
        made = fill(
            registration.again(),
            [slot],
            {slot.key: bound(slot.key, "照片", "person.photo", kind="photo")},
            known,
        )
        assert made.problems[0].kind == "conflict"


class TestEditions:
    def test_a_new_edition_takes_over_by_label(self):
        import dataclasses

        old = SAMPLES["roster-card"]
        new = dataclasses.replace(
            old, rows="填表人|>|>|>|>|>\n" + old.rows.strip().replace("床位", "宿舍地址")
        )
        before, after = open_form(build(old), "xlsx").slots(), open_form(build(new), "xlsx").slots()
        confirmed = [one.binding for one in suggest(before).values()]
        taken = take_over(confirmed, after)
        assert taken.kept["学生情况卡片!D3"].element == "person.name"
        assert [one.label for one in taken.gone] == ["床位"]
        assert "宿舍地址" in [slot.label for slot in taken.new]

    def test_the_same_person_in_both(self):
        form = open_form(build(SAMPLES["contact-card"]), "xlsx")
        made = fill(
            form.again(),
            form.slots(),
            {"人员联系卡!B2": bound("人员联系卡!B2", "姓名", "person.name")},
            facts(),
        )
        assert openpyxl.load_workbook(io.BytesIO(made.content)).active["B2"].value == "李雷"


class TestRefusal:
    @pytest.mark.parametrize("content", [b"", b"no form", b"PK\x03\x04broken"])
    def test_what_is_no_form(self, content):
        with pytest.raises(Refused, match="打不开"):
            open_form(content, "docx")

    def test_opinion_that_nobody_gave_leaves_the_cell_for_the_pen(self):
        form = open_form(build(SAMPLES["transfer"]), "docx")
        slots = form.slots()
        bindings = {key: one.binding for key, one in suggest(slots).items() if one.binding.step}
        made = fill(
            form.again(), slots, bindings, facts(), opinions=[Opinion("教务处意见", "同意", "李明", ON)]
        )
        assert [one.label for one in made.written] == ["教务处意见"]
        assert not [one for one in made.problems if one.kind != "unmapped"]
