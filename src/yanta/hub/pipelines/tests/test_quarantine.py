"""Rows that may not go in: each waits with its reason and its original until somebody has put it right."""

from __future__ import annotations

from typing import Any

import pytest

from yanta.hub.pipelines import services
from yanta.hub.pipelines.models import HeldRow, PipelineRun
from yanta.hub.pipelines.queries import original_of
from yanta.hub.pipelines.running import previewing
from yanta.hub.pipelines.tests.factories import ListConnector, counts, go, make_pipeline, room
from yanta.kernel.base import Refused
from yanta.masterdata.models import Room

pytestmark = pytest.mark.django_db


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no number": ({"FJH": ""}, "缺少“房间号”"),
    "unknown building": ({"JZWH": "9Z"}, "“楼宇”：没有编号或名称为“9Z”的楼宇"),
    "no whole number": ({"ZWS": "六十"}, "“座位数”不是整数"),
    "too many seats": ({"ZWS": "40000"}, "“座位数”超出范围"),
    "too long": ({"FJMC": "长" * 61}, "“房间名称”超过 60 个字符"),
    "no number at all": ({"MJ": "约七十"}, "“使用面积（㎡）”不是数字"),
    "too precise": ({"MJ": "75.123"}, "“使用面积（㎡）”小数超过 2 位"),
    "too large": ({"MJ": "1234567.5"}, "“使用面积（㎡）”超出位数"),
}


class TestQuarantine:
    @pytest.mark.parametrize("case", BAD)
    def test_a_bad_row_waits_with_its_reason_and_its_original(self, source: ListConnector, case: str) -> None:
        cells, reason = BAD[case]
        source.rows[3] |= cells
        run = go(make_pipeline())

        assert counts(run) == (12, 11, 0, 0, 1)
        held = HeldRow.objects.get()
        assert held.reasons == reason
        assert original_of(held)["FJMC"] == source.rows[3]["FJMC"]

    def test_every_reason_is_told(self, source: ListConnector) -> None:
        source.rows[3] |= {"ZWS": "六十", "JZWH": "9Z"}
        go(make_pipeline())

        assert set(HeldRow.objects.get().reasons.split("；")) == {
            "“座位数”不是整数", "“楼宇”：没有编号或名称为“9Z”的楼宇",
        }  # fmt: skip

    def test_the_second_of_two_rows_of_a_key_waits(self, source: ListConnector) -> None:
        source.rows.append(room(101, FJMC="另一间"))
        run = go(make_pipeline())

        assert counts(run) == (13, 12, 0, 0, 1)
        assert Room.objects.get(number="1A-101").name == "教室101"

    def test_a_bad_row_does_not_stand_in_the_way_of_a_good_one_of_its_key(
        self, source: ListConnector
    ) -> None:
        source.rows.insert(0, room(101, ZWS="六十"))
        run = go(make_pipeline())

        assert counts(run) == (13, 12, 0, 0, 1)

    def test_the_same_bad_row_again_waits_once(self, source: ListConnector) -> None:
        source.rows[3]["ZWS"] = "六十"
        pipeline = make_pipeline()
        go(pipeline)
        go(pipeline)

        assert HeldRow.objects.count() == 1

    def test_a_row_put_right_at_the_source_is_closed(self, source: ListConnector) -> None:
        source.rows[3]["ZWS"] = "六十"
        pipeline = make_pipeline()
        go(pipeline)
        source.rows[3]["ZWS"] = "60"
        go(pipeline)

        assert HeldRow.objects.get().state == HeldRow.State.RESOLVED

    def test_a_row_that_the_table_itself_refuses_is_found_among_the_good(self, source: ListConnector) -> None:
        source.rows[5]["ZWS"] = "5001"  # a check constraint of the table, which no mapping knows
        run = go(make_pipeline())

        assert counts(run) == (12, 11, 0, 0, 1)
        assert "room_seats_plausible" in HeldRow.objects.get().reasons
        assert Room.objects.count() == 11

    def test_a_change_that_the_table_refuses_waits_too(self, source: ListConnector) -> None:
        pipeline = make_pipeline()
        go(pipeline)
        source.rows[5]["ZWS"], source.rows[6]["ZWS"] = "5001", "61"
        run = go(pipeline)

        assert counts(run) == (12, 0, 1, 10, 1)
        assert Room.objects.get(number="1A-106").seats == 60

    def test_too_many_bad_rows_stop_the_run_before_anything_is_written(self, source: ListConnector) -> None:
        for row in source.rows[:4]:
            row["ZWS"] = "六十"
        pipeline = make_pipeline(threshold_percent=30)
        with pytest.raises(Refused, match="超过上限 30%"):
            go(pipeline)

        run = PipelineRun.objects.get()
        assert (run.state, Room.objects.count()) == (PipelineRun.State.STOPPED, 0)
        assert previewing.read(run.preview)["quarantined"][0]["reasons"] == "“座位数”不是整数"  # type: ignore[index]

    def test_a_corrected_row_goes_in_with_the_replay(self, source: ListConnector, engineer: Any) -> None:
        source.rows[3]["ZWS"] = "六十"
        pipeline = make_pipeline()
        go(pipeline)
        services.correct(HeldRow.objects.get(), actor=engineer, cells='{"ZWS": "60"}')
        run = go(pipeline, "replay")

        assert counts(run) == (1, 1, 0, 0, 0)
        assert HeldRow.objects.get().state == HeldRow.State.REPLAYED
        assert Room.objects.count() == 12

    def test_a_wrong_correction_waits_again(self, source: ListConnector, engineer: Any) -> None:
        source.rows[3]["ZWS"] = "六十"
        pipeline = make_pipeline()
        go(pipeline)
        services.correct(HeldRow.objects.get(), actor=engineer, cells='{"ZWS": "很多"}')
        go(pipeline, "replay")

        assert HeldRow.objects.get().state == HeldRow.State.OPEN
