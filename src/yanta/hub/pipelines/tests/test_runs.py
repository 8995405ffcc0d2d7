"""A run from the source to the account: what is good goes in, twice is once, all or nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from yanta.hub.events import DataLoaded
from yanta.hub.pipelines.documents import Pair
from yanta.hub.pipelines.models import HeldRow, PipelineReceipt, PipelineRun, ReceiptCopy
from yanta.hub.pipelines.running import accounts, carrying, previewing, writing
from yanta.hub.pipelines.tests.factories import ROOMS, ListConnector, counts, go, make_pipeline, room, serve
from yanta.kernel.base import Refused
from yanta.kernel.organisation.models import OrgUnit
from yanta.masterdata.models import Building, Room

pytestmark = pytest.mark.django_db


def published_events() -> list[str]:
    from yanta.kernel.events.models import OutboxEvent

    return list(OutboxEvent.objects.values_list("name", flat=True))


class TestLoading:
    def test_every_row_goes_in_cleaned(self, source: ListConnector) -> None:
        source.rows[0] |= {"FJMC": " 阶梯　教室 ", "FJLC": "２", "MJ": "1,175.50㎡", "JZWH": "一号教学楼"}
        run = go(make_pipeline())

        assert counts(run) == (12, 12, 0, 0, 0)
        found = Room.objects.get(number="1A-101")
        assert (found.name, found.floor, found.area, found.building.code) == (
            "阶梯 教室",
            2,
            Decimal("1175.50"),
            "1A",
        )
        assert found.is_bookable is False

    def test_the_same_again_changes_nothing(self, source: ListConnector) -> None:
        pipeline = make_pipeline()
        go(pipeline)
        before = list(Room.objects.values())

        assert counts(go(pipeline)) == (12, 0, 0, 12, 0)
        assert list(Room.objects.values()) == before

    def test_only_what_differs_is_written(self, source: ListConnector) -> None:
        pipeline = make_pipeline()
        go(pipeline)
        untouched = Room.objects.get(number="1A-102").updated_at
        source.rows[0]["ZWS"] = "80"

        assert counts(go(pipeline)) == (12, 0, 1, 11, 0)
        assert Room.objects.get(number="1A-101").seats == 80
        assert Room.objects.get(number="1A-102").updated_at == untouched

    def test_an_empty_cell_does_not_erase_unless_it_is_meant_to(self, source: ListConnector) -> None:
        keeps = make_pipeline()
        go(keeps)
        source.rows[0]["MJ"] = ""
        assert counts(go(keeps)) == (12, 0, 0, 12, 0)

        erases = make_pipeline("erasing", columns={"number": "FJH", "area": Pair("area", "MJ", erases=True)})
        assert counts(go(erases)) == (12, 0, 1, 11, 0)
        assert Room.objects.get(number="1A-101").area is None

    def test_others_hear_of_it_after_the_commit(self, source: ListConnector) -> None:
        go(make_pipeline())

        assert DataLoaded("room", "rooms", 1, 1, 0).wire in published_events()

    def test_a_run_that_changes_nothing_is_told_to_nobody(self, source: ListConnector) -> None:
        pipeline = make_pipeline()
        go(pipeline)
        heard = published_events().count("hub.data-loaded")
        go(pipeline)

        assert published_events().count("hub.data-loaded") == heard == 1


class TestAuthority:
    def test_filling_leaves_what_is_there(self, source: ListConnector) -> None:
        go(make_pipeline())
        Room.objects.filter(number="1A-102").update(area=None)
        for row in source.rows:
            row["MJ"] = "99"
        fills = make_pipeline("filling", columns={"number": "FJH", "area": Pair("area", "MJ", mode="fill")})

        assert counts(go(fills)) == (12, 0, 1, 11, 0)
        assert Room.objects.get(number="1A-101").area == Decimal("75.50")
        assert Room.objects.get(number="1A-102").area == Decimal("99.00")

    def test_checking_writes_nothing_and_tells_the_difference(self, source: ListConnector) -> None:
        go(make_pipeline())
        source.rows[0]["MJ"] = "99"
        checks = make_pipeline(
            "checking", columns={"number": "FJH", "area": Pair("area", "MJ", mode="check")}, creates=False
        )
        run = go(checks)

        assert (run.counts["unchanged"], run.counts["differing"]) == (12, 1)
        assert Room.objects.get(number="1A-101").area == Decimal("75.50")

    def test_a_second_writer_of_a_field_is_refused(self, source: ListConnector) -> None:
        from yanta.hub.pipelines.services.pipelines import claim, document_of

        first, second = make_pipeline(), make_pipeline("second")
        claim(first, document_of(first.versions.get()))
        with pytest.raises(Refused, match="一数一源"):
            claim(second, document_of(second.versions.get()))

    def test_a_pipeline_that_may_not_add_holds_new_rows_back(self, source: ListConnector) -> None:
        run = go(make_pipeline(creates=False, threshold_percent=100))

        assert counts(run) == (12, 0, 0, 0, 12)


class TestDryRun:
    def test_shows_each_cell_and_writes_nothing(self, source: ListConnector) -> None:
        pipeline = make_pipeline()
        go(pipeline)
        source.rows[0]["ZWS"] = "80"
        source.rows.append(room(200))
        run = go(pipeline, "dry")

        seen = previewing.read(run.preview)
        assert seen is not None
        assert seen["changed"] == [
            {"key": "1A-101", "cells": [{"title": "座位数", "old": "60", "new": "80"}]}
        ]
        assert len(seen["new"]) == 1
        assert (Room.objects.count(), Room.objects.get(number="1A-101").seats) == (12, 60)
        assert PipelineReceipt.objects.count() == 1


class TestWatermark:
    def test_reads_on_from_where_it_was(self, source: ListConnector) -> None:
        pipeline = make_pipeline(mode="increment", watermark_column="GXSJ")
        go(pipeline)
        pipeline.refresh_from_db()
        assert pipeline.watermark == max(row["GXSJ"] for row in source.rows)
        source.rows.append(room(300, GXSJ="2026-11-30"))

        assert go(pipeline).counts["new"] == 1

    def test_a_backfill_reads_its_window_and_moves_nothing(self, source: ListConnector) -> None:
        pipeline = make_pipeline(mode="increment", watermark_column="GXSJ")
        go(pipeline)
        pipeline.refresh_from_db()
        mark, days = pipeline.watermark, sorted(row["GXSJ"] for row in source.rows)
        run = go(pipeline, "backfill", since=date.fromisoformat(days[2]), until=date.fromisoformat(days[5]))
        pipeline.refresh_from_db()

        assert run.counts["read"] == 4
        assert pipeline.watermark == mark


class TestCapture:
    def start(
        self, building: Building, monkeypatch: pytest.MonkeyPatch, *log: Any, **options: Any
    ) -> tuple[Any, Any]:
        connector = serve(monkeypatch, ListConnector([], list(log)))
        return connector, make_pipeline(mode="capture", **options)

    def test_the_last_change_of_a_key_counts(
        self, building: Building, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _, pipeline = self.start(
            building, monkeypatch, ("i", room(1)), ("u", room(1, ZWS="70")), ("i", room(2))
        )
        run = go(pipeline)

        assert (run.counts["read"], run.counts["new"], run.counts["merged"]) == (3, 2, 1)
        assert Room.objects.get(number="1A-001").seats == 70

    def test_a_deletion_is_marked_never_done(
        self, building: Building, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        connector, pipeline = self.start(
            building, monkeypatch, ("i", room(1)), absent="mark", mark_field="name", mark_value="已停用"
        )
        go(pipeline)
        connector.log.append(("d", {"FJH": "1A-001"}))
        run = go(pipeline)

        assert run.counts["removed"] == 1
        assert Room.objects.get(number="1A-001").name == "已停用"

    def test_a_deletion_may_wait_for_a_person(
        self, building: Building, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        connector, pipeline = self.start(
            building, monkeypatch, ("i", room(1)), absent="hold", threshold_percent=100
        )
        go(pipeline)
        connector.log.append(("d", {"FJH": "1A-001"}))
        go(pipeline)

        assert HeldRow.objects.get().reasons == "来源已删除这一行，请决定如何处理"
        assert Room.objects.filter(number="1A-001").exists()

    def test_a_position_commits_with_its_rows(
        self, building: Building, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _, pipeline = self.start(building, monkeypatch, ("i", room(1)))
        monkeypatch.setattr(accounts, "sign", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            go(pipeline)
        pipeline.refresh_from_db()

        assert (pipeline.position, Room.objects.count()) == ("", 0)


class TestReceipt:
    def test_adds_up_is_signed_and_goes_to_both(self, source: ListConnector, school: OrgUnit) -> None:
        from yanta.kernel.testing.factories import OrgUnitFactory

        receiver = OrgUnitFactory(parent=school)
        source.rows[3]["ZWS"] = "六十"
        run = go(make_pipeline(receiver=receiver, partition="FJLC"))

        assert accounts.faults(run.receipt) == []
        assert {copy.side: copy.unit_id for copy in ReceiptCopy.objects.all()} == {
            "sender": run.pipeline.owner_id, "receiver": receiver.pk,
        }  # fmt: skip
        assert run.receipt.document["difference"][0] == "目标表入库前 0 条，入库后 11 条，相差 11 = 新增 11"

    def test_a_changed_account_is_found_out(self, source: ListConnector) -> None:
        receipt = go(make_pipeline()).receipt
        receipt.document["counts"]["new"] = 13
        receipt.save()

        assert "被改动过" in accounts.faults(receipt)[0]

    def test_a_missing_account_is_found_out(self, source: ListConnector) -> None:
        pipeline = make_pipeline()
        first, second = go(pipeline).receipt, go(pipeline).receipt
        first.copies.all().delete()
        first.delete()

        assert any("连不上" in fault for fault in accounts.faults(second))

    def test_the_checksum_does_not_depend_on_the_order_and_tells_every_row(
        self, source: ListConnector
    ) -> None:
        pipeline = make_pipeline()
        first = go(pipeline).parts.get().checksum
        source.rows.reverse()
        assert go(pipeline).parts.get().checksum == first
        source.rows.pop()
        assert go(pipeline).parts.get().checksum != first


class TestSafety:
    def test_a_failure_at_the_end_leaves_nothing(
        self, source: ListConnector, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(accounts, "sign", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            go(make_pipeline())

        assert (Room.objects.count(), PipelineRun.objects.get().state) == (0, PipelineRun.State.FAILED)

    def test_an_interrupted_run_is_taken_up_where_the_source_was_read(
        self, source: ListConnector, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pipeline = make_pipeline()
        with monkeypatch.context() as patch:
            patch.setattr(accounts, "sign", lambda *_, **__: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                go(pipeline)
        run = go(pipeline)

        assert (source.reads, run.was_resumed, run.counts["new"]) == (1, True, 12)

    def test_what_somebody_else_wrote_meanwhile_is_compared_again(
        self, source: ListConnector, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pipeline = make_pipeline()
        go(pipeline)
        source.rows[0]["ZWS"] = "80"
        real, turns = writing.write, []

        def meddled(*args: Any, **kwargs: Any) -> Any:
            turns.append(1)
            if len(turns) == 1:
                Room.objects.filter(number="1A-101").update(seats=70)
            return real(*args, **kwargs)

        monkeypatch.setattr(writing, "write", meddled)
        run = go(pipeline)

        assert (len(turns), run.counts["changed"]) == (2, 1)
        assert Room.objects.get(number="1A-101").seats == 80

    def test_two_runs_never_write_one_subject_at_once(
        self, source: ListConnector, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from django.db import connections

        pipeline = make_pipeline()
        other = connections.create_connection("default")
        try:
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s, hashtext('room'))", [carrying.LOCK])
            with pytest.raises(Refused, match="另一次运行"):
                go(pipeline)
        finally:
            other.close()


def test_rooms_are_the_fields_that_the_tests_speak_of() -> None:
    assert set(ROOMS) == {"number", "name", "building", "floor", "seats", "area"}
