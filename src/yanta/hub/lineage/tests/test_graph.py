"""The graph out of what packages say; what lies around; what a change reaches."""

from __future__ import annotations

import pytest

from yanta.hub.lineage import drawing, graph
from yanta.hub.lineage.shapes import Edge, Node

NODES = [Node("column", "column:a/b/c", "手机", owner="教务处"), Node("field", "field:person.phone", "人员 · 手机号"),
         Node("indicator", "indicator:x", "联系率")]  # fmt: skip
EDGES = [
    Edge("column:a/b/c", "field:person.phone", "归并"), Edge("field:person.phone", "indicator:x"),
    Edge("indicator:x", "board:leader"), Edge("field:person.phone", "field:person.phone"),
    Edge("board:leader", "field:person.phone", "回写"),
]  # fmt: skip


@pytest.fixture
def whole():
    return graph.built([(NODES, EDGES), (NODES[:1], EDGES[:1])])


class TestWhole:
    def test_nodes_and_edges_once_and_a_bare_node_for_the_unknown(self, whole):
        assert len(whole.nodes) == 4
        assert whole.nodes["board:leader"].title == "leader"
        assert sum(len(links) for links in whole.down.values()) == 4

    def test_a_kind_that_nobody_knows_is_something_else(self):
        found = graph.built([([Node("moon", "moon:1", "月")], [Edge("moon:1", "sun:1")])])
        assert {node.kind for node in found.nodes.values()} == {"other"}
        assert len(graph.impact(found, "moon:1")) == len(graph.search(found, "sun")) == 1

    @pytest.mark.django_db
    def test_a_provider_that_fails_leaves_the_others(self, monkeypatch):
        def lost():
            raise RuntimeError("away")

        monkeypatch.setattr(graph, "providers", lambda: (lost, lambda: (NODES, EDGES)))
        found = graph._gathered()
        assert len(found.nodes) == 4
        assert found.silent == (lost.__module__,)

    def test_search_by_every_word_of_title_key_and_owner(self, whole):
        assert [node.key for node in graph.search(whole, "手机 教务")] == ["column:a/b/c"]
        assert graph.search(whole, "手机", "indicator") == []


class TestAround:
    def test_so_many_steps_up_and_down(self, whole):
        near = graph.around(whole, "field:person.phone", up=1, down=1)
        assert {key: one.distance for key, one in near.reached.items()} == {
            "field:person.phone": 0, "column:a/b/c": -1, "board:leader": -1, "indicator:x": 1,
        }  # fmt: skip
        assert graph.around(whole, "field:nobody.x", up=1, down=1) is None

    def test_what_is_left_out_is_counted(self, whole):
        assert graph.around(whole, "field:person.phone", up=1, down=1, most=2).left_out == 2

    def test_impact_reaches_everything_downstream_once_circles_too(self, whole):
        found = [(one.node.key, one.distance) for one in graph.impact(whole, "column:a/b/c")]
        assert found == [("field:person.phone", 1), ("indicator:x", 2), ("board:leader", 3)]

    def test_drawn_from_source_to_use_without_overlap(self, whole):
        boxes = drawing.drawn(graph.around(whole, "indicator:x", up=3, down=1)).boxes
        at = {box.node.key: (box.x, box.y) for box in boxes}
        assert len(set(at.values())) == len(boxes)
        assert at["column:a/b/c"][0] < at["field:person.phone"][0] < at["indicator:x"][0]


@pytest.mark.django_db
class TestHub:
    def test_a_persons_value_comes_from_the_person_and_a_code_reaches_systems(self):
        graph.forget()
        whole = graph.whole()
        assert ("field:person.phone", "引用") in whole.up["field:student.phone"]
        assert ("merged:phone", "写回") in whole.up["field:person.phone"]
        assert ("field:organisation.code", "参照") in whole.up["field:student.department"]
        reached = {one.node.key for one in graph.impact(whole, "codeset:GBT2261_1_XB")}
        assert {"field:person.sex", "field:student.sex", "field:staff_member.sex"} <= reached

    def test_delivered_columns_lead_to_merged_values(self, departments):
        from yanta.hub.tests import deliveries

        deliveries.take(deliveries.lines())
        from yanta.hub.models import Mapping, Source

        source = Source.objects.first()
        Mapping.objects.create(
            source=source, version=9, fingerprint="f", file_name="册.xlsx", status="confirmed",
            document={"columns": [{"label": "本人电话", "element": "phone"}, {"label": "序号", "element": None}]},
        )  # fmt: skip
        graph.forget()
        whole = graph.whole()
        column = f"column:{source.code}/册.xlsx/本人电话"
        assert whole.down[column][0][0] == "merged:phone"
        assert "field:student.phone" in {one.node.key for one in graph.impact(whole, f"source:{source.code}")}
        graph.forget()
