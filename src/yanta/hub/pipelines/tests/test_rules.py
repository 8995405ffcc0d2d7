"""When a run stops, is tried again, counts as silent; what its figures say; how drafts are drawn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from yanta.hub.pipelines import queries, rules, scheduling, services, steps, suggesting
from yanta.hub.pipelines.documents import Document
from yanta.hub.pipelines.models import Pipeline, PipelineRun, Version
from yanta.hub.pipelines.targets import target
from yanta.hub.pipelines.tests.factories import ListConnector, go, make_pipeline
from yanta.kernel.base import Refused
from yanta.kernel.jobs.models import JobRun

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


class TestPure:
    @pytest.mark.parametrize(
        ("quarantined", "percent", "rows", "stops"),
        [(20, 20, 0, False), (21, 20, 0, True), (3, 100, 2, True), (100, 100, 0, False)],
    )
    def test_a_run_stops_past_its_limit(self, quarantined: int, percent: int, rows: int, stops: bool) -> None:
        assert (
            bool(rules.reason_to_stop(read=100, quarantined=quarantined, percent=percent, rows=rows)) is stops
        )

    def test_pauses_grow_and_end(self) -> None:
        pauses = [rules.next_try(attempt=n, retries=3, at=NOW) for n in (1, 2, 3, 4)]
        assert pauses == [NOW + timedelta(minutes=n) for n in (1, 5, 15)] + [None]

    def test_silence_counts_from_the_last_word(self) -> None:
        late = NOW + timedelta(minutes=61)
        assert rules.is_silent(heard_at=NOW, since=NOW, expected_minutes=60, at=late)
        assert not rules.is_silent(heard_at=late, since=NOW, expected_minutes=60, at=late)
        assert not rules.is_silent(heard_at=None, since=NOW, expected_minutes=0, at=late)

    def test_a_full_table_that_is_as_it_was_says_nothing(self) -> None:
        assert not rules.brought_news({"read": 9, "unchanged": 9}, is_full=True)
        assert rules.brought_news({"read": 9, "unchanged": 9}, is_full=False)

    def test_a_circle_is_found(self) -> None:
        assert rules.cycle_through("a", {"a": {"b"}, "b": {"c"}, "c": {"a"}}) == ["a", "b", "c", "a"]
        assert rules.cycle_through("a", {"a": {"b", "c"}, "b": {"c"}}) == []

    @pytest.mark.parametrize("wrong", ["nothing", "pad", "pad:x", "replace:a"])
    def test_a_step_that_cannot_be_is_refused(self, wrong: str) -> None:
        with pytest.raises(Refused):
            steps.check(wrong)


@pytest.mark.django_db
class TestClock:
    def test_runs_once_when_its_time_has_come(self, source: ListConnector) -> None:
        make_pipeline(cron="0 * * * *")
        assert scheduling.start_due(at=NOW + timedelta(minutes=5)) == []
        assert scheduling.start_due(at=NOW + timedelta(minutes=65)) == ["rooms"]
        assert scheduling.start_due(at=NOW + timedelta(minutes=66)) == []

    def test_waits_for_what_is_above_it(self, source: ListConnector) -> None:
        above, below = make_pipeline("above"), make_pipeline("below", columns={"number": "FJH"})
        below.depends_on.add(above)
        assert scheduling.start_due(at=NOW) == []
        go(above)
        later = PipelineRun.objects.get().ended_at
        assert later is not None
        assert scheduling.start_due(at=later) == ["below"]
        assert scheduling.start_due(at=later) == []

    def test_a_failed_run_is_tried_again(self, source: ListConnector) -> None:
        pipeline = make_pipeline()
        source.fails = 1
        with pytest.raises(ConnectionError):
            go(pipeline, "scheduled")
        failed = PipelineRun.objects.get()
        assert failed.retry_at is not None
        assert scheduling.start_due(at=failed.retry_at) == ["rooms"]
        assert JobRun.objects.get().params["attempt"] == 2

    def test_a_silent_source_is_told_once(self, source: ListConnector) -> None:
        pipeline = make_pipeline(expected_minutes=60)
        go(pipeline)
        pipeline.refresh_from_db()
        assert pipeline.heard_at is not None
        late = pipeline.heard_at + timedelta(minutes=61)
        assert scheduling.watch_silence(at=late) == ["rooms"]
        assert scheduling.watch_silence(at=late) == []
        assert queries.lights([Pipeline.objects.get()], at=late) == {pipeline.pk: "red"}


@pytest.mark.django_db
class TestDrawing:
    def test_columns_find_their_fields(self, source: ListConnector) -> None:
        pipeline = make_pipeline()
        pairs = suggesting.suggested(target("room"), suggesting.columns_of(pipeline))
        found = {pair.field: pair.source for pair in pairs}
        assert found["number"] == "FJH"
        assert found["name"] == "FJMC"
        assert found["area"] == "MJ"
        assert all(pair.suggested for pair in pairs)

    def test_a_suggestion_takes_no_part_until_it_is_confirmed(
        self, source: ListConnector, engineer: Any
    ) -> None:
        document = suggesting.first_document(make_pipeline())
        assert document.confirmed == ()

    def test_a_new_draft_leaves_the_published_version_running(
        self, source: ListConnector, engineer: Any
    ) -> None:
        pipeline = make_pipeline()
        draft = services.begin_draft(pipeline, actor=engineer)
        services.change_pair(draft, actor=engineer, field="name", source="FJMC", cleaning="tidy upper")
        assert (draft.number, go(pipeline).version.number) == (2, 1)
        with pytest.raises(Refused, match="没有名为"):
            services.change_pair(draft, actor=engineer, field="name", source="FJMC", cleaning="shred")

    def test_what_cannot_be_added_is_not_published(
        self, source: ListConnector, engineer: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from yanta.hub.pipelines.services import pipelines as drawing

        monkeypatch.setattr(drawing, "_columns", lambda pipeline: None)
        pipeline = make_pipeline()
        draft = services.begin_draft(pipeline, actor=engineer)
        services.drop_pair(draft, actor=engineer, field="building")
        with pytest.raises(Refused, match="还缺少：楼宇"):
            services.publish_draft(draft, actor=engineer)
        services.rule(draft, actor=engineer, creates=False)
        services.publish_draft(draft, actor=engineer)
        assert Version.objects.get(status="published").number == 2

    def test_a_document_is_the_same_after_it_was_kept(self, source: ListConnector) -> None:
        document = suggesting.first_document(make_pipeline())
        assert Document.of(document.as_json()) == document
