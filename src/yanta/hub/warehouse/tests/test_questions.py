"""Questions: own rows and open fields only, tables whose totals are right, kept and shared, sent, and files of a million rows."""

from __future__ import annotations

import io
import json
from datetime import date
from urllib.parse import urlencode

import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from yanta.hub.warehouse.asking import documents, pivoting, running
from yanta.hub.warehouse.asking.documents import Document
from yanta.hub.warehouse.exporting import staging, writing
from yanta.hub.warehouse.models import Export, Question
from yanta.hub.warehouse.services import asking, exporting
from yanta.kernel import files
from yanta.kernel.audit.models import AuditEntry
from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.jobs import Progress, run_now
from yanta.kernel.jobs.models import JobRun
from yanta.kernel.notify.models import Message

pytestmark = pytest.mark.django_db
STUDYING = {"all": [{"field": "status", "is": "eq", "value": "01"}]}


def pivot(actor, **asked) -> pivoting.Pivot:
    return pivoting.pivot_of(documents.plan(Document("student", **asked), actor))


def table(found: pivoting.Pivot) -> list[list[str]]:
    return [[*(head.text for head in line.names), *line.cells] for line in found.lines]


class TestRights:
    def test_only_ones_own_rows(self, populated, clerk, engineer):
        plan = Document("student", ("number",))
        assert [line[0] for line in running.page_of(documents.plan(plan, clerk), 1).lines] == [
            "S1",
            "S2",
            "S3",
            "S4",
        ]
        assert running.page_of(documents.plan(plan, engineer), 1).count == 6

    def test_a_subject_one_may_not_see_is_refused(self, populated, student_actor):
        with pytest.raises(NotAllowed):
            documents.plan(Document("staff_member", ("number",)), student_actor)

    def test_fields_behind_a_link_are_open_when_public_or_all_in_reach(self, populated, clerk, engineer):
        documents.plan(Document("student", ("number", "programme.years")), clerk)
        with pytest.raises(Refused, match=r"没有“keeper\.status”"):
            documents.plan(Document("asset", ("keeper.status",)), clerk)
        documents.plan(Document("asset", ("keeper.status",)), engineer)

    def test_sensitive_fields_need_a_reason_and_are_written_down(self, populated, engineer):
        plan = documents.plan(Document("student", ("number", "ethnic")), engineer)
        with pytest.raises(Refused, match="用途"):
            running.note_sensitive(plan, " ")
        running.note_sensitive(plan, "民族统计")
        entry = AuditEntry.objects.get(action="warehouse.question.ask")
        assert (entry.data["elements"], entry.data["purpose"]) == (["ethnic"], "民族统计")

    def test_to_filter_or_group_by_it_is_to_learn_it(self, populated, engineer):
        for asked in (
            {"fields": ("number",), "where": {"field": "ethnic", "is": "eq", "value": "01"}}, {"rows": ("ethnic",)}, {"fields": ("number",), "sort": "ethnic"},
        ):  # fmt: skip
            assert [one.name for one in documents.plan(Document("student", **asked), engineer).sensitive] == [
                "ethnic"
            ]

    def test_sealed_values_stay_masked_and_group_nothing(self, populated, engineer):
        answer = running.page_of(documents.plan(Document("student", ("number", "phone")), engineer), 1)
        assert answer.lines[0] == ["S1", "139****0001"]
        with pytest.raises(Refused, match="不能用来分组"):
            documents.plan(Document("student", rows=("phone",)), engineer)

    def test_unknown_fields_and_tests_are_refused(self, populated, engineer):
        for asked in (
            {"fields": ("ghost",)},
            {"where": {"field": "grade", "is": "like", "value": 1}},
            {"measures": ("sum:name",)},
            {"measures": ("hack",)},
        ):
            with pytest.raises(Refused):
                documents.plan(Document("student", **asked), engineer)


class TestTables:
    def test_heads_subtotals_and_totals(self, populated, engineer):
        found = pivot(
            engineer, where=STUDYING, rows=("department", "grade"), columns=("sex",), measures=("count",)
        )
        assert [[(head.text, head.across, head.down) for head in line] for line in found.heads] == [
            [("学院", 1, 1), ("年级", 1, 1), ("男性", 1, 1), ("女性", 1, 1), ("（空）", 1, 1), ("合计", 1, 1)]
        ]
        assert table(found) == [
            ["信息工程学院", "2024", "1", "", "", "1"], ["2025", "", "1", "", "1"], ["小计", "1", "1", "", "2"],
            ["软件工程系", "2024", "", "1", "", "1"], ["艺术学院", "2024", "1", "", "1", "2"], ["合计", "2", "2", "1", "5"],
        ]  # fmt: skip
        assert found.lines[0].names[0].down == 3

    def test_a_mean_of_all_is_no_mean_of_means(self, populated, engineer):
        found = pivot(engineer, rows=("level",), measures=("mean:grade", "count"))
        assert [line.cells for line in found.lines] == [
            ["2,024", "1"],
            ["2,024", "1"],
            ["2,024.25", "4"],
            ["2,024.17", "6"],
        ]
        assert [head.text for head in found.heads[0]] == ["培养层次", "年级平均", "行数"]

    def test_different_values_are_counted_once_in_the_total(self, populated, engineer):
        found = pivot(engineer, rows=("sex",), measures=("distinct:department",))
        assert found.lines[-1].cells == ["3"]

    def test_the_charts_title_is_the_finding(self, populated, engineer):
        found = pivot(engineer, rows=("level",), measures=("count",))
        assert found.chart["title"] == "本科最多，行数 4，占 66.7%"

    def test_two_levels_of_columns(self, populated, engineer):
        found = pivot(engineer, rows=("level",), columns=("department", "sex"))
        assert len(found.heads) == 2
        assert sum(head.across for head in found.heads[0][1:]) == len(found.heads[1]) + 1

    def test_only_a_total(self, populated, engineer):
        assert table(pivot(engineer, measures=("count",))) == [["合计", "6"]]

    def test_too_wide_is_refused(self, populated, engineer, monkeypatch):
        monkeypatch.setattr(pivoting, "MOST_ACROSS", 1)
        with pytest.raises(Refused, match="太宽"):
            pivot(engineer, columns=("sex",))


class TestLimits:
    def test_too_slow_is_said_in_words(self, engineer):
        from django.db import connection

        with (
            pytest.raises(Refused, match="1 秒内没有查完"),
            running.limits(engineer, seconds=1),
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT pg_sleep(3)")

    def test_nothing_to_stop_is_no_error_and_odd_tokens_are_ignored(self, engineer):
        assert running.stop(engineer, "abcdef123") is False
        assert running.stop(engineer, "x' OR 1") is False


class TestPages:
    def test_the_address_is_the_question(self, populated, clerk, client_of):
        query = urlencode([("s", "student"), ("f", "number"), ("f", "sex"), ("w", json.dumps(STUDYING))])
        answer = client_of(clerk).get(f"/warehouse/ask/?{query}")
        said = answer.content.decode()
        assert answer.status_code == 200
        assert answer.shown["answer"].count == 3
        assert "学籍状态为 在读" in said

    def test_refusals_stand_on_the_page(self, populated, clerk, client_of):
        answer = client_of(clerk).get("/warehouse/ask/?s=student&f=number&f=ethnic")
        assert answer.status_code == 422
        assert "写明用途" in answer.content.decode()

    def test_a_grouped_question_and_the_start(self, populated, clerk, client_of):
        client = client_of(clerk)
        assert "小计" not in client.get("/warehouse/ask/?s=student&g=sex&m=count").content.decode()
        assert "学生" in client.get("/warehouse/ask/").content.decode()
        assert client.post("/warehouse/questions/stop/", {"t": "abcdef"}).json() == {"stopped": False}

    def test_teachers_do_not_ask(self, populated, acting, college, client_of):
        assert client_of(acting("teacher", college)).get("/warehouse/ask/").status_code == 403


class TestKeeping:
    def keep(self, actor, **more):
        return asking.keep(Document("student", ("number",), STUDYING), actor=actor, name="在读", **more)

    def test_a_change_is_a_new_version(self, populated, clerk):
        kept = self.keep(clerk)
        asking.keep(Document("student", ("number", "grade")), actor=clerk, name="在读", question=kept)
        asking.keep(Document("student", ("number", "grade")), actor=clerk, name="改名", question=kept)
        assert [one.number for one in kept.versions.all()] == [2, 1]

    def test_given_to_a_role_each_sees_own_rows(
        self, populated, engineer, clerk, acting, other_college, client_of
    ):
        kept = self.keep(engineer, role="clerk")
        stranger = acting("clerk", other_college)
        assert list(asking.questions_for(clerk)) == list(asking.questions_for(stranger)) == [kept]
        for actor, count in ((clerk, 3), (stranger, 2)):
            opened = client_of(actor).get(f"/warehouse/questions/{kept.pk}/", follow=True)
            assert opened.shown["answer"].count == count
        assert client_of(clerk).post(f"/warehouse/questions/{kept.pk}/").status_code == 404

    def test_given_to_a_unit_only_who_is_there_gets_it(
        self, populated, engineer, clerk, acting, other_college
    ):
        kept = self.keep(engineer, unit_code="0100")
        assert list(asking.questions_for(clerk)) == [kept]
        assert list(asking.questions_for(acting("clerk", other_college))) == []

    def test_sent_once_a_day_with_the_owners_rights(self, populated, clerk):
        self.keep(clerk, schedule="daily")
        self.keep(clerk, schedule="weekly")
        assert asking.send_due(on=date(2026, 11, 20)) == (1, 0)
        assert asking.send_due(on=date(2026, 11, 20)) == (0, 0)
        assert Message.objects.get(person_id=clerk.person_id).title == "定时查询“在读”：3 行"
        assert asking.send_due(on=date(2026, 11, 23)) == (2, 0)

    def test_sensitive_questions_are_not_sent(self, populated, clerk):
        asking.keep(Document("student", ("number", "ethnic")), actor=clerk, name="民族", schedule="daily")
        assert asking.send_due(on=date(2026, 11, 20)) == (0, 1)

    def test_on_screen(self, populated, clerk, client_of):
        client = client_of(clerk)
        answer = client.post(
            "/warehouse/questions/keep/",
            {"s": "student", "f": ["number"], "w": json.dumps(STUDYING), "name": "甲", "schedule": ""},
        )
        kept = Question.objects.get(name="甲")
        assert answer.url == f"/warehouse/questions/{kept.pk}/"
        assert "甲" in client.get("/warehouse/questions/").content.decode()
        assert client.get(f"{answer.url}?versions").status_code == 200
        client.post(answer.url)
        assert not Question.objects.exists()


def made(actor, kind: str, **asked) -> Export:
    document = Document(
        "student", **({"fields": ("number", "sex", "phone", "enrolled_on", "department_name")} | asked)
    )
    export = exporting.ask(document, actor=actor, kind=kind, reason="核对名册")
    exporting.make(Progress(), actor=actor, export_id=export.pk)
    export.refresh_from_db()
    return export


class TestExports:
    def test_csv_with_names_for_codes_and_a_watermark(self, populated, clerk):
        export = made(clerk, "csv")
        lines = files.open_file(export.file).read().decode("utf-8-sig").splitlines()
        assert lines[0] == '"学号","性别","手机号","入学日期","学院名称"'
        assert lines[1] == '"S1","男性","＊＊＊＊",,"信息工程学院"'
        assert len(lines) == 6
        assert export.number in lines[-1]
        assert "用途：核对名册" in lines[-1]
        assert (export.rows, export.state) == (4, "done")

    def test_excel(self, populated, engineer):
        book = CalamineWorkbook.from_filelike(io.BytesIO(files.open_file(made(engineer, "xlsx").file).read()))
        assert book.sheet_names == ["数据1", "说明"]
        rows = book.get_sheet_by_index(0).to_python()
        assert rows[0][0] == "学号"
        assert len(rows) == 7
        assert "核对名册" in book.get_sheet_by_name("说明").to_python()[0][0]

    def test_parquet_carries_its_mark_within(self, populated, engineer):
        found = pq.read_table(io.BytesIO(files.open_file(made(engineer, "parquet").file).read()))
        assert found.num_rows == 6
        assert json.loads(found.schema.metadata[b"yanta"])["purpose"] == "核对名册"

    def test_an_empty_answer_is_a_file_with_its_head(self, populated, clerk):
        nobody = {"field": "number", "is": "eq", "value": "none"}
        for kind in ("csv", "xlsx", "parquet"):
            assert made(clerk, kind, where=nobody).rows == 0

    def test_written_down_with_fields_rows_and_reason(self, populated, clerk):
        made(clerk, "csv")
        entry = AuditEntry.objects.get(action="warehouse.export.make")
        assert (entry.data["rows"], entry.data["purpose"], entry.data["columns"][0]) == (
            4,
            "核对名册",
            "学号",
        )
        assert Message.objects.get(person_id=clerk.person_id).title == "导出完成：学生，4 行"

    def test_no_file_without_a_purpose(self, populated, clerk):
        with pytest.raises(Refused, match="用途"):
            exporting.ask(Document("student", ("number",)), actor=clerk, kind="csv", reason=" ")

    def test_formulas_are_disarmed(self, populated, clerk):
        from yanta.masterdata.models import Student

        Student.objects.filter(number="S1").update(bed="=HYPERLINK(1)")
        lines = (
            files.open_file(made(clerk, "csv", fields=("number", "bed")).file)
            .read()
            .decode("utf-8-sig")
            .splitlines()
        )
        assert lines[1] == """"S1","'=HYPERLINK(1)\""""

    def test_after_a_crash_it_goes_on_behind_what_is_there(self, populated, engineer, monkeypatch):
        monkeypatch.setattr(staging, "PART_ROWS", 2)
        monkeypatch.setattr("yanta.hub.subjects.reading.BLOCK", 64)
        export = exporting.ask(Document("student", ("number",)), actor=engineer, kind="csv", reason="x")
        folder = staging.folder_of(export.number)

        def dies(done: int) -> None:
            if done >= 2:
                raise KeyboardInterrupt

        plan = documents.plan(documents.from_json(export.document), engineer)
        with pytest.raises(KeyboardInterrupt):
            staging.stage(
                plan.subject, plan.document.fields, running.rows_of(plan), folder, in_order=True, step=dies
            )
        before = {path: path.stat().st_mtime_ns for path in staging.parts_in(folder)}
        assert before
        exporting_parts = []
        monkeypatch.setattr(
            staging, "forget", lambda folder: exporting_parts.extend(staging.parts_in(folder))
        )
        exporting.make(Progress(), actor=engineer, export_id=export.pk)
        assert {path: path.stat().st_mtime_ns for path in exporting_parts if path in before} == before
        export.refresh_from_db()
        text = files.open_file(export.file).read().decode("utf-8-sig").splitlines()
        assert text[1:-1] == [f'"S{at}"' for at in range(1, 7)]

    def test_a_full_sheet_is_followed_by_the_next(self, populated, engineer, monkeypatch):
        monkeypatch.setattr(writing, "SHEET_ROWS", 4)
        book = CalamineWorkbook.from_filelike(io.BytesIO(files.open_file(made(engineer, "xlsx").file).read()))
        assert book.sheet_names == ["数据1", "数据2", "说明"]
        assert [len(book.get_sheet_by_index(at).to_python()) for at in (0, 1)] == [5, 3]

    def test_by_job_on_screen_with_resumed_download(self, populated, clerk, client_of):
        from yanta.hub.warehouse.jobs import export as job

        client = client_of(clerk)
        answer = client.post(
            "/warehouse/exports/ask/",
            {"s": "student", "f": ["number"], "w": "{}", "format": "csv", "reason": "核对"},
        )
        export = Export.objects.get()
        assert answer.url == f"/warehouse/exports/{export.pk}/"
        assert JobRun.objects.get(pk=export.run_id).state == "waiting"
        assert client.get(answer.url).status_code == 200
        run_now(job, actor=clerk, export_id=export.pk)
        whole = b"".join(client.get(f"{answer.url}file/").streaming_content)
        rest = client.get(f"{answer.url}file/", headers={"Range": "bytes=10-"})
        assert (rest.status_code, b"".join(rest.streaming_content)) == (206, whole[10:])
        assert client.get(f"{answer.url}file/", headers={"Range": "bytes=999999-"}).status_code == 416

    def test_anothers_file_is_not_for_everybody(self, populated, clerk, acting, other_college, client_of):
        export = made(clerk, "csv")
        assert (
            client_of(acting("clerk", other_college)).get(f"/warehouse/exports/{export.pk}/file/").status_code
            == 404
        )
