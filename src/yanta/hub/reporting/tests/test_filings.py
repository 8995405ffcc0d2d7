"""A filing from opening to archive: what is checked, who signs, what is locked, what was sent."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
from django.db import transaction
from django.db.utils import DatabaseError

from yanta.hub.reporting import public, queries, services
from yanta.hub.reporting.exporting import excel, sheets
from yanta.hub.reporting.models import Calculation, FilingCell, FilingTable, Finding
from yanta.hub.reporting.services import filings, sending, working
from yanta.hub.reporting.tests.conftest import SYSTEM, frozen
from yanta.kernel import files
from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed, OutOfScope
from yanta.kernel.notify.models import Message
from yanta.masterdata.models import Student

pytestmark = pytest.mark.django_db


def table(filing, code):
    return FilingTable.objects.get(filing=filing, code=code)


def signed(filing):
    """Everything filled in and signed."""
    for cell in FilingCell.objects.filter(filing=filing, by_hand=True):
        services.fill(cell.table, actor=SYSTEM, row=cell.row, column=cell.column, value="0")
    for one in filing.tables.all():
        services.check_table(one, actor=SYSTEM)
        services.sign(one, actor=SYSTEM, agreed=True)
    return filing


def locked(filing):
    services.review(signed(filing), actor=SYSTEM)
    return filing


class TestOpening:
    def test_needs_the_frozen_day(self, package, students):
        with pytest.raises(Refused, match="还没有 2026-09-30 的数据快照"):
            services.open_filing(actor=SYSTEM, package="small", period="2026")

    def test_gives_tables_to_the_departments_that_own_the_data(self, filing, offices):
        assert [one.unit.name for one in filing.tables.all()] == ["教务处", "教务处", "学工部"]

    def test_once_a_year(self, filing):
        with pytest.raises(Refused, match="已经开始"):
            services.open_filing(actor=SYSTEM, package="small", period="2026")

    def test_keeps_the_definition_it_was_opened_with(self, filing, package, tmp_path):
        path = tmp_path / "packages" / "small" / "A.toml"
        path.write_text(path.read_text("utf-8").replace("人数", "头数"), "utf-8")
        assert queries.package_of(filing).table("A").title == "人数"

    def test_counts_say_from_which_snapshot_and_definition(self, filing, package):
        kept = filing.calculation
        assert kept.definition_digest == package.digest
        assert list(kept.snapshots) == ["9-30"]
        with pytest.raises(DatabaseError), transaction.atomic():
            Calculation.objects.filter(pk=kept.pk).update(values={})


class TestCells:
    def test_a_computed_figure_changes_only_with_a_reason_and_stays_beside(self, filing):
        with pytest.raises(Refused, match="必须说明理由"):
            services.fill(table(filing, "A"), actor=SYSTEM, row="zj", column="n", value="6")
        services.fill(table(filing, "A"), actor=SYSTEM, row="zj", column="n", value="6", reason="补录一人")
        cell = FilingCell.objects.get(table__code="A", row="zj", column="n")
        assert (cell.computed, cell.given, cell.is_overridden) == (5, 6, True)
        assert queries.values_of(filing)["A"]["zj.m"] == 4  # formulas follow

    @pytest.mark.parametrize(("value", "said"), [("", "请填写"), ("许多", "不是数"), ("-1", "不小于 0"), ("1.5", "整数"), ("NaN", "不是数")])  # fmt: skip
    def test_what_is_no_figure_is_refused_with_what_was_given(self, filing, value, said):
        with pytest.raises(Refused, match=said):
            services.fill(table(filing, "B"), actor=SYSTEM, row="zj", column="cj", value=value)

    def test_an_override_contradicting_another_table_is_found(self, filing):
        services.fill(table(filing, "A"), actor=SYSTEM, row="zj", column="n", value="6", reason="补录一人")
        found = Finding.objects.get(filing=filing, check_code="P1")
        assert (found.severity, found.given, found.allowed) == ("error", "6", "等于 5")
        with pytest.raises(Refused, match="还差 1 项"):
            services.check_table(table(filing, "A"), actor=SYSTEM)
        services.take_back(table(filing, "A"), actor=SYSTEM, row="zj", column="n")
        assert not Finding.objects.filter(filing=filing, check_code="P1").exists()

    def test_what_changes_after_the_self_check_is_checked_again(self, filing):
        services.check_table(table(filing, "A"), actor=SYSTEM)
        services.fill(table(filing, "A"), actor=SYSTEM, row="zj", column="n", value="6", reason="补录一人")
        assert table(filing, "A").state == "drafting"


class TestChecks:
    def test_values_outside_the_dictionary_with_what_is_near(self, filing, college):
        found = Finding.objects.filter(filing=filing, check_code="P3")
        assert {one.given for one in found} >= {college.code}
        assert all(one.allowed for one in found)

    def test_a_large_change_against_last_year_must_be_explained(self, package, students):
        frozen(date(2025, 9, 30))
        before = services.open_filing(actor=SYSTEM, package="small", period="2025")
        for n in range(3):
            Student.objects.create(number=f"N{n}", person=students[0].person, department=students[0].department, level="3", grade=2026)  # fmt: skip
        frozen(date(2026, 9, 30))
        now = services.open_filing(actor=SYSTEM, package="small", period="2026")
        assert now.previous == before
        found = Finding.objects.get(filing=now, check_code="P2", cell="A.zj.n")
        assert "上年 5，+60.0%" in found.message
        with pytest.raises(Refused, match="还差"):
            services.check_table(table(now, "A"), actor=SYSTEM)
        with pytest.raises(Refused, match="不少于 4 个字"):
            services.explain(table(now, "A"), actor=SYSTEM, finding=found, text="扩")
        for one in Finding.objects.filter(filing=now, check_code="P2"):
            services.explain(table(now, "A"), actor=SYSTEM, finding=one, text="当年扩招三人")
        services.check_table(table(now, "A"), actor=SYSTEM)

    def test_an_error_cannot_be_explained_away(self, filing):
        services.fill(table(filing, "A"), actor=SYSTEM, row="zj", column="n", value="6", reason="补录一人")
        with pytest.raises(Refused, match="给出 6，应等于 5"):
            services.explain(
                table(filing, "A"),
                actor=SYSTEM,
                finding=Finding.objects.get(check_code="P1"),
                text="就是这样的",
            )

    def test_an_explanation_ends_with_the_value_it_explained(self, filing):
        services.fill(table(filing, "A"), actor=SYSTEM, row="zj", column="n", value="6", reason="补录一人")
        before = Finding.objects.get(check_code="P1").pk
        services.fill(table(filing, "A"), actor=SYSTEM, row="zj", column="n", value="7", reason="又补一人")
        assert Finding.objects.get(check_code="P1").pk != before

    def test_the_same_figure_in_two_reports_must_agree(self, filing, package, tmp_path):
        from yanta.hub.reporting import definitions

        folder = tmp_path / "packages" / "other"
        folder.mkdir()
        for path in (tmp_path / "packages" / "small").iterdir():
            (folder / path.name).write_text(path.read_text("utf-8").replace('"small"', '"other"'), "utf-8")
        definitions.package.cache_clear()
        other = services.open_filing(actor=SYSTEM, package="other", period="2026")
        assert not Finding.objects.filter(filing=other, check_code="同数-heads").exists()
        services.fill(table(other, "B"), actor=SYSTEM, row="zj", column="n", value="9", reason="手工改动")
        found = Finding.objects.get(
            filing=other, check_code="同数-heads", cell="B.zj.n", allowed__contains="分学院"
        )
        assert (found.given, found.severity) == ("9", "error")


class TestSigning:
    def test_only_what_is_complete_and_agreed(self, filing):
        with pytest.raises(Refused, match="还差 3 项"):
            services.check_table(table(filing, "B"), actor=SYSTEM)
        services.check_table(table(filing, "A"), actor=SYSTEM)
        with pytest.raises(Refused, match="勾选承诺"):
            services.sign(table(filing, "A"), actor=SYSTEM)

    def test_who_checked_does_not_sign(self, filing, offices, acting):
        both = acting("head", offices[0])
        services.check_table(table(filing, "A"), actor=both)
        with pytest.raises(Refused, match="不能是同一人"):
            services.sign(table(filing, "A"), actor=both, agreed=True)

    def test_another_departments_clerk_may_not(self, filing, offices, acting):
        stranger = acting("clerk", offices[1])
        with pytest.raises(OutOfScope):
            services.fill(
                table(filing, "A"), actor=stranger, row="zj", column="n", value="6", reason="不该能改"
            )
        with pytest.raises(NotAllowed):
            services.sign(table(filing, "B"), actor=stranger, agreed=True)

    def test_the_pledge_is_kept_with_the_signature(self, filing):
        assert table(signed(filing), "A").pledge == "数据真实"


class TestLocked:
    def test_not_before_every_table_is_signed(self, filing):
        with pytest.raises(Refused, match="还有 3 张表没有签字"):
            services.review(filing, actor=SYSTEM)

    def test_nothing_changes_any_more_by_any_way(self, filing):
        locked(filing)
        cells = FilingCell.objects.filter(filing=filing)
        one = cells.get(table__code="A", row="zj", column="n")
        for attempt in (
            lambda: services.fill(
                table(filing, "A"), actor=SYSTEM, row="zj", column="n", value="6", reason="来不及了"
            ),
            lambda: services.calculate(filing, actor=SYSTEM),
            lambda: services.send_back(table(filing, "A"), actor=SYSTEM, reason="想改"),
        ):
            with pytest.raises(Refused):
                attempt()
        for attempt in (
            lambda: cells.filter(pk=one.pk).update(given=1, reason="绕过"),
            lambda: cells.filter(pk=one.pk).delete(),
            lambda: FilingCell.objects.create(filing=filing, table=one.table, row="x", column="n"),
            lambda: type(filing).objects.filter(pk=filing.pk).update(days={}),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                attempt()
        assert queries.values_of(filing)["A"]["zj.n"] == 5

    def test_a_signed_table_keeps_its_figures_when_others_are_counted_again(self, filing, students):
        services.check_table(table(filing, "A"), actor=SYSTEM)
        services.sign(table(filing, "A"), actor=SYSTEM, agreed=True)
        filing.days = {"now": "2026-09-30"}
        filing.save()
        students[0].delete()
        filings.count_into(filing, by="某人")
        assert FilingCell.objects.get(table__code="A", row="zj", column="n").computed == 5
        assert FilingCell.objects.get(table__code="B", row="zj", column="n").computed == 4

    def test_opens_again_only_by_return_with_a_reason(self, filing):
        locked(filing)
        with pytest.raises(Refused, match="写明原因"):
            services.return_filing(filing, actor=SYSTEM, reason=" ")
        services.return_filing(filing, actor=SYSTEM, reason="学工部数有误", codes="B")
        filing.refresh_from_db()
        assert (filing.state, table(filing, "B").state, table(filing, "A").state) == (
            "returned",
            "drafting",
            "signed",
        )
        assert table(filing, "B").returned_for == "学工部数有误"


class TestSending:
    def test_what_was_sent_is_kept_signed_and_provable(self, filing):
        services.submit(locked(filing), actor=SYSTEM)
        sent = filing.submissions.get()
        assert sending.is_sound(sent)
        with files.open_file(sent.archive) as content, zipfile.ZipFile(io.BytesIO(content.read())) as packed:
            assert {"报表.xlsx", "报表.xml", "数据.csv", "名册-D.csv", "凭证.json", "定义/A.toml"} <= set(
                packed.namelist()
            )
        with pytest.raises(DatabaseError), transaction.atomic():
            type(sent).objects.filter(pk=sent.pk).update(values={})

    def test_the_upper_node_gets_it_and_answers(self, filing):
        with pytest.raises(Refused, match="还没有上报"):
            public.package_payload(filing.pk)
        services.submit(locked(filing), actor=SYSTEM)
        payload = public.package_payload(filing.pk)
        assert payload.values["A"]["zj.n"] == "5"
        with pytest.raises(Refused, match="还没有上级回执"):
            services.archive(filing, actor=SYSTEM)
        public.record_receipt(filing.pk, "省厅收字 7 号")
        with pytest.raises(Refused, match="已有回执"):
            public.record_receipt(filing.pk, "再来一次")
        services.archive(filing, actor=SYSTEM)
        with pytest.raises(Refused, match="可以退回"):
            services.return_filing(filing, actor=SYSTEM, reason="太晚了")

    def test_after_a_return_the_difference_is_told_cell_by_cell(self, filing):
        services.submit(locked(filing), actor=SYSTEM)
        services.return_filing(filing, actor=SYSTEM, reason="残疾人数不符", codes="B")
        services.fill(table(filing, "B"), actor=SYSTEM, row="zj", column="cj", value="2")
        row = FilingCell.objects.filter(table__code="B", row__startswith="xy_").first().row
        services.fill(table(filing, "B"), actor=SYSTEM, row=row, column="cj", value="2")
        services.check_table(table(filing, "B"), actor=SYSTEM)
        services.sign(table(filing, "B"), actor=SYSTEM, agreed=True)
        services.review(filing, actor=SYSTEM)
        services.submit(filing, actor=SYSTEM)
        first, second = filing.submissions.order_by("number")
        changed = queries.difference(queries.values_from(first.values), queries.values_from(second.values))
        assert changed == [("B.zj.cj", 0, 2), (f"B.{row}.cj", 0, 2)]
        assert first.returned_for == "残疾人数不符"


class TestExcel:
    def test_what_is_written_reads_back(self, filing):
        package, filled = sheets.of_filing(filing)
        written = excel.write(package, filled, period="2026")
        read = excel.read(io.BytesIO(written), [(one.table, one.lines) for one in filled])
        found = {(one.table, one.row, one.column): one.value for one in read}
        assert found["A", "zj", "n"] == 5
        assert found["A", "lao", "m"] == 3

    def test_an_official_file_is_found_by_its_titles(self, filing):
        import xlsxwriter

        out = io.BytesIO()
        book = xlsxwriter.Workbook(out)
        sheet = book.add_worksheet("人数")
        for at, row in enumerate([["项目", "计", "女", "男"], ["总　计", 8, 2, 6], ["其中：新生", 1, 0, 1]]):
            sheet.write_row(at, 0, row)
        book.close()
        _, filled = sheets.of_filing(filing)
        read = excel.read(io.BytesIO(out.getvalue()), [(one.table, one.lines) for one in filled])
        assert {(one.row, one.column): one.text for one in read}["zj", "n"] == "8"
        assert {(one.row, one.column): one.text for one in read}["xin", "m"] == "1"

    def test_no_workbook_is_refused(self, filing):
        with pytest.raises(Refused, match="打不开"):
            excel.read(io.BytesIO(b"x"), [])


class TestReminders:
    def test_three_days_before_with_what_is_still_open(self, filing, offices, acting):
        acting("clerk", offices[1])
        due = table(filing, "B").due_on
        assert filings.remind(on=date(2026, 1, 1)) == 0
        assert filings.remind(on=due) == 3
        assert Message.objects.filter(
            template="reporting.due", title__contains="分学院", body__contains="还差 3 项"
        ).exists()


class TestRehearsal:
    def test_any_day_without_a_filing(self, package, students):
        kept = filings.rehearsed(package, on=date(2026, 3, 1), by="某人")
        assert kept.is_rehearsal
        assert kept.values["A"]["zj.n"] == "5"
        assert {one["check"] for one in kept.findings} == {"P3"}


def test_figures_as_people_type_them():
    assert [working.number(one) for one in ("1,234", " 12 ", "１２", "x", "1e99")] == [
        1234,
        12,
        12,
        None,
        None,
    ]
