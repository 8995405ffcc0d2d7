"""What happens to a delivery before anything is written: quality rules, whole lists, unreadable lines, persons in doubt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from yanta.hub.exchange.connectors.base import Broken
from yanta.hub.pipelines import services
from yanta.hub.pipelines.documents import Match
from yanta.hub.pipelines.models import HeldRow, PipelineRun
from yanta.hub.pipelines.queries import original_of
from yanta.hub.pipelines.running import accounts
from yanta.hub.pipelines.tests.factories import ListConnector, go, make_pipeline, room, serve
from yanta.hub.quality.models import Rule
from yanta.kernel.base import Refused
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Person
from yanta.kernel.testing.factories import PersonFactory
from yanta.masterdata.models import Building, Room, Student

pytestmark = pytest.mark.django_db
RuleOf = Callable[..., Rule]


def adds_up(run: PipelineRun) -> bool:
    told = run.counts
    parts = sum(told[name] for name in ("new", "changed", "unchanged", "quarantined", "merged", "removed"))
    return bool(told["read"] == parts and accounts.faults(run.receipt) == [])


class TestRules:
    def test_a_blocking_rule_keeps_the_row_out_with_its_sentence_and_owner(
        self,
        source: ListConnector,
        rule_of: RuleOf,
        school: OrgUnit,
    ) -> None:
        rule_of("range", "room", "seats", least="10", severity="blocking")
        rule_of("filled", "room", "area", severity="normal")
        source.rows[3]["ZWS"], source.rows[4]["MJ"] = "5", ""
        run = go(make_pipeline())

        assert (run.counts["new"], run.counts["quarantined"]) == (11, 1)
        assert adds_up(run)
        held = HeldRow.objects.get()
        assert "座位数应不小于 10" in held.reasons
        assert f"归口：{school.name}" in held.reasons
        assert {(one["severity"], one["blocks"], one["failed"]) for one in run.quality} == {
            ("blocking", True, 1), ("normal", False, 1),
        }  # fmt: skip
        assert run.receipt.document["quality"] == run.quality

    def test_put_right_it_goes_in(self, source: ListConnector, rule_of: RuleOf, engineer: Any) -> None:
        rule_of("range", "room", "seats", least="10", severity="blocking")
        source.rows[3]["ZWS"] = "5"
        pipeline = make_pipeline()
        go(pipeline)
        services.correct(HeldRow.objects.get(), actor=engineer, cells='{"ZWS": "50"}')

        assert go(pipeline, "replay").counts["new"] == 1
        assert Room.objects.count() == 12

    def test_a_change_that_breaks_a_rule_leaves_the_row_as_it_was(
        self,
        source: ListConnector,
        rule_of: RuleOf,
    ) -> None:
        pipeline = make_pipeline()
        go(pipeline)
        rule_of("range", "room", "seats", least="10", severity="blocking")
        source.rows[0]["ZWS"], source.rows[1]["ZWS"] = "5", "70"
        run = go(pipeline)

        assert (run.counts["changed"], run.counts["unchanged"], run.counts["quarantined"]) == (1, 10, 1)
        assert Room.objects.get(number="1A-101").seats == 60

    def test_what_must_be_unique_is_compared_with_the_whole_table(
        self,
        source: ListConnector,
        rule_of: RuleOf,
    ) -> None:
        pipeline = make_pipeline(threshold_percent=100)
        go(pipeline)
        rule_of("unique", "room", "name", severity="blocking")
        source.rows[:] = [room(201, FJMC="教室101"), room(202), room(101, ZWS="61")]
        run = go(pipeline)

        assert (run.counts["new"], run.counts["changed"], run.counts["quarantined"]) == (1, 0, 2)
        assert set(HeldRow.objects.values_list("row_key", flat=True)) == {"1A-201", "1A-101"}

    def test_a_rule_may_stop_the_whole_delivery(self, source: ListConnector, rule_of: RuleOf) -> None:
        rule_of("range", "room", "seats", least="10", severity="blocking", on_load="stop")
        source.rows[3]["ZWS"] = "5"
        with pytest.raises(Refused, match="1 行不合格。按规则整批不入库"):
            go(make_pipeline())

        assert (Room.objects.count(), PipelineRun.objects.get().state) == (0, "stopped")


WHOLE = {"is_whole": True, "absent": "mark", "mark_field": "name", "mark_value": "已停用"}


class TestWholeList:
    def test_what_the_list_no_longer_names_is_marked_once(self, source: ListConnector) -> None:
        pipeline = make_pipeline(**WHOLE)
        go(pipeline)
        del source.rows[0]
        run, again = go(pipeline), go(pipeline)

        assert (run.counts["read"], run.counts["unchanged"], run.counts["removed"]) == (12, 11, 1)
        assert adds_up(run)
        assert Room.objects.get(number="1A-101").name == "已停用"
        assert (again.counts["read"], again.counts["removed"]) == (11, 0)

    def test_a_list_that_is_not_whole_removes_nothing(self, source: ListConnector) -> None:
        pipeline = make_pipeline(**{**WHOLE, "is_whole": False})
        go(pipeline)
        del source.rows[0]

        assert (go(pipeline).counts["removed"], Room.objects.filter(name="已停用").count()) == (0, 0)

    def test_too_many_at_once_wait_for_consent(self, source: ListConnector) -> None:
        pipeline = make_pipeline(**WHOLE)
        go(pipeline)
        del source.rows[:7]
        with pytest.raises(Refused, match=r"将有 7 条标记离开，占现有 12 条的 58\.3%"):
            go(pipeline)
        stopped = PipelineRun.objects.latest("pk")

        assert (stopped.state, stopped.counts["asks"]) == ("stopped", True)
        assert Room.objects.filter(name="已停用").count() == 0
        run = go(pipeline, approved=7)
        assert run.counts["removed"] == 7
        assert run.receipt.document["source"]["approved_removals"] == 7

    def test_a_person_may_decide_about_each(self, source: ListConnector, engineer: Any) -> None:
        pipeline = make_pipeline(**{**WHOLE, "absent": "hold"})
        go(pipeline)
        del source.rows[:2]
        run = go(pipeline)
        assert (run.counts["quarantined"], run.counts["removed"]) == (2, 0)
        assert adds_up(run)
        first, second = HeldRow.objects.order_by("row_key")
        services.let_go(first, actor=engineer)
        services.dismiss(second, actor=engineer, reason="仍在使用")

        assert Room.objects.get(number="1A-101").name == "已停用"
        assert Room.objects.get(number="1A-102").name == "教室102"
        again = go(pipeline)
        second.refresh_from_db()
        assert (again.counts["quarantined"], second.state) == (1, HeldRow.State.DISMISSED)


class TestUnreadable:
    def test_a_line_waits_with_its_text_and_goes_in_put_right(
        self, building: Building, monkeypatch: pytest.MonkeyPatch, engineer: Any
    ) -> None:
        names = list(room(1))
        cells = tuple(str(room(103)[name]) for name in names)
        broken = Broken("房间.csv 第 4 行", 4, "，".join((*cells, "多的")), "有 8 格，比表头的 7 列多", cells)
        serve(monkeypatch, ListConnector([room(101), room(102)], broken=[broken]))
        pipeline = make_pipeline(threshold_percent=100)
        run = go(pipeline)

        assert (run.counts["read"], run.counts["new"], run.counts["quarantined"]) == (3, 2, 1)
        assert adds_up(run)
        held = HeldRow.objects.get()
        assert (held.kind, held.reasons) == ("line", "房间.csv 第 4 行：有 8 格，比表头的 7 列多")
        assert original_of(held)["（原文）"] == broken.text
        services.correct(held, actor=engineer, cells='{"FJMC": "改正的"}')
        assert go(pipeline, "replay").counts["new"] == 1
        assert Room.objects.get(number="1A-103").name == "改正的"


@pytest.fixture
def crowd(db: None) -> Person:
    """A school of others, and 欧阳娜."""
    signs = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
    Person.objects.bulk_create(
        Person(number=f"9{n:07}", name=f"{signs[n % 16]}{chr(0x4E00 + n * 7)}", birth_on=date(1990 + n % 12, n % 12 + 1, n % 28 + 1))
        for n in range(200)
    )  # fmt: skip
    return PersonFactory(
        name="欧阳娜", birth_on=date(2004, 2, 29), phone="13912345678", id_number="610113200402290026"
    )


def student(number: str, **cells: str) -> dict[str, Any]:
    return {
        "XH": number,
        "XM": "欧阳娜",
        "CSRQ": "2004-02-29",
        "SJ": "",
        "SFZ": "",
        "YX": "",
        "CC": "2",
        **cells,
    }


class TestPersons:
    def start(self, monkeypatch: pytest.MonkeyPatch, unit: OrgUnit, *rows: dict[str, Any]) -> Any:
        serve(monkeypatch, ListConnector([{**row, "YX": unit.code} for row in rows]))
        facts = {"name": "XM", "birth_on": "CSRQ", "phone": "SJ", "id_number": "SFZ"}
        match = Match("person", facts, (("id_number",), ("name", "birth_on"), ("name", "phone")))
        columns = {"number": "XH", "department": "YX", "level": "CC"}
        return make_pipeline(
            "students", subject="student", columns=columns, matches=(match,), threshold_percent=100
        )

    def test_a_slip_in_the_name_is_seen_through(
        self, crowd: Person, college: OrgUnit, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = student("S1", XM="欧阳挪", SFZ="610113200402290026", SJ="13912345678")
        pipeline = self.start(monkeypatch, college, row)
        run = go(pipeline)

        assert run.counts["new"] == 1
        assert Student.objects.get(number="S1").person == crowd

    def test_a_number_with_another_name_is_not_taken_for_the_person(
        self, crowd: Person, college: OrgUnit, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = student("S1", XM="司马光", CSRQ="1999-01-01", SFZ="610113200402290026")
        run = go(self.start(monkeypatch, college, row))

        assert (run.counts["new"], run.counts["quarantined"]) == (0, 1)

    def test_a_doubt_goes_to_somebody_and_their_word_holds(
        self, crowd: Person, college: OrgUnit, monkeypatch: pytest.MonkeyPatch, engineer: Any
    ) -> None:
        twin = PersonFactory(name="欧阳娜", birth_on=date(2004, 2, 29))
        pipeline = self.start(monkeypatch, college, student("S1"))
        run = go(pipeline)
        held = HeldRow.objects.get()

        assert (run.counts["quarantined"], held.kind) == (1, "doubt")
        assert {one["person"] for one in held.candidates} == {crowd.pk, twin.pk}
        with pytest.raises(Refused, match="列出的人"):
            services.identify(held, actor=engineer, person=Person.objects.exclude(name="欧阳娜").first())
        services.identify(held, actor=engineer, person=twin)
        assert go(pipeline, "replay").counts["new"] == 1
        assert Student.objects.get(number="S1").person == twin
        assert go(pipeline).counts["unchanged"] == 1  # the same facts are not asked about twice
