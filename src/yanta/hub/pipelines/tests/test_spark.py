"""One pipeline, two engines: the same messy rows come out the same, cell by cell."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from yanta.hub.pipelines import engines
from yanta.hub.pipelines.documents import Document, Match
from yanta.hub.pipelines.running import classifying, extracting
from yanta.hub.pipelines.running.workspace import Workspace
from yanta.hub.pipelines.targets import target
from yanta.hub.pipelines.tests.factories import ListConnector, go, make_pipeline, room
from yanta.hub.quality.models import Rule
from yanta.kernel.testing.factories import PersonFactory

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(find_spec("pyspark") is None, reason="pyspark is not installed: make spark"),
    pytest.mark.skipif(shutil.which("java") is None, reason="no Java on this machine"),
]
MESS = [
    room(101, FJMC=" 阶梯　教室 ", FJLC="２", MJ="1,175.50㎡"), room(102, JZWH="一号教学楼"), room(103, ZWS="六十"),
    room(104, JZWH="9Z"), room(105, MJ=""), room(105, FJMC="重复"), room(106, FJH=" 1a-106 "), room(107, FJLC="3.0", MJ="-7"),
    room(108, FJMC="长" * 80), room(109, ZWS="40000", MJ="75.123"), room(110, FJH=""), room(111, FJMC="无", FJLC=" 4 "),
    room(112, FJMC="A·B•C", MJ="０７５．５"), room(113, ZWS=None),
]  # fmt: skip


def outcome(
    engine: engines.Engine, document: Document, subject: str, rows: list[dict[str, str]], folder: str
) -> list[dict[str, object]]:
    """What an engine makes of the rows, in their order."""
    from django.utils import timezone

    workspace = Workspace("spark-test", folder)
    extract = extracting.from_rows(rows, document.source_columns, workspace, now=timezone.now())
    found = classifying.classify(
        engine,
        workspace,
        document,
        target(subject),
        extract,
        captured=False,
        whole=True,
        told=lambda _: None,
        pipeline_id=0,
    )
    result = [row for batch in engines.batches(found.result) for row in batch.to_pylist()]
    parts = [(part.name, part.counts, part.checksum) for part in found.parts.values()]
    return [
        *sorted(result, key=lambda row: row["place"]),
        {"parts": parts, "reasons": found.reasons, "absent": found.absent, "quality": found.gated.said},
    ]


def test_rooms_come_out_the_same(source: ListConnector, tmp_path: Path) -> None:
    pipeline = make_pipeline()
    go(pipeline)
    document = Document.of(pipeline.versions.get().document)

    duck = outcome(engines.DuckEngine(tmp_path / "duck"), document, "room", MESS, "duck")
    spark = outcome(engines.SparkEngine(tmp_path / "spark"), document, "room", MESS, "spark")
    assert {row["fate"] for row in duck[:-1]} == {"new", "changed", "unchanged", "quarantined"}
    assert spark == duck


def test_rules_and_a_whole_list_come_out_the_same(
    source: ListConnector, rule_of: Callable[..., Rule], tmp_path: Path
) -> None:
    go(make_pipeline())
    rule_of("range", "room", "seats", least="20", severity="blocking")
    rule_of("unique", "room", "name", severity="blocking")
    rule_of("refers", "room", "building", other="building", target="code", severity="severe")
    rule_of("filled", "room", "area", severity="normal")
    pipeline = make_pipeline("whole", is_whole=True, absent="mark", mark_field="name", mark_value="已停用")
    document = Document.of(pipeline.versions.get().document)
    rows = [
        *MESS[:8],
        room(114, ZWS="5"),
        room(115, FJMC="教室104"),
        room(116, FJMC="教室104"),
        room(117, MJ=""),
    ]

    duck = outcome(engines.DuckEngine(tmp_path / "duck"), document, "room", rows, "duck")
    spark = outcome(engines.SparkEngine(tmp_path / "spark"), document, "room", rows, "spark")
    assert {row["fate"] for row in duck[:-1]} >= {"new", "changed", "quarantined", "removed"}
    assert len(duck[-1]["quality"]) == 3  # type: ignore[arg-type]  # the last one is the account
    assert spark == duck


def test_persons_dates_and_codes_come_out_the_same(source: ListConnector, tmp_path: Path) -> None:
    PersonFactory(number="P1", name="欧阳·娜", id_number="11010519491231002X")
    pipeline = make_pipeline(
        "students", subject="student", columns={"number": "XH", "enrolled_on": "RXRQ", "status": "XJZT"}
    )
    document = Document.of({
        **pipeline.versions.get().document, "matches": [{"field": "person", "columns": {"id_number": "SFZH"}, "rules": [["id_number"]]}],
    })  # fmt: skip
    assert document.match("person") == Match("person", {"id_number": "SFZH"}, (("id_number",),))
    dates = ["2023-09-01", "2023/9/1", "二〇二三年九月一日", "45170", "2023-02-30", "九月", None]
    rows = [
        {
            "XH": f"2023{n:04}",
            "RXRQ": day,
            "XJZT": "在读" if n % 2 else "99",
            "SFZH": "110105491231002" if n % 3 else "1",
        }
        for n, day in enumerate(dates)
    ]

    duck = outcome(engines.DuckEngine(tmp_path / "duck"), document, "student", rows, "duck")
    spark = outcome(engines.SparkEngine(tmp_path / "spark"), document, "student", rows, "spark")
    assert spark == duck
