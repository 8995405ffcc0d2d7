"""The reference models of the BPMN MIWG: kept whole, run as recorded, refused with id, name and reason."""

import json
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from yanta.kernel.workflow.bpmn import prepare, read, tried
from yanta.kernel.workflow.bpmn.reading import drawn_ids, elements
from yanta.kernel.workflow.bpmn.tests.walking import walk

FOLDER = Path(__file__).parent / "miwg"
MODELS = sorted(path.stem for path in FOLDER.glob("*.bpmn"))
TRACES = json.loads((FOLDER / "traces.json").read_text(encoding="utf-8"))
MUST_RUN = {"A.1.0", "A.2.0", "A.2.1", "A.3.0", "A.4.0", "A.4.1", "C.1.0", "C.6.0"}
REFUSED = {"B.2.0", "C.4.0", "C.7.0", "C.9.0", "C.9.1", "C.9.2"}


def model(name):
    return read((FOLDER / f"{name}.bpmn").read_bytes())


def outline(root):
    """Every element with its attributes and text, in order; comments and instructions too."""
    return [
        (str(node.tag), sorted(node.attrib.items()), (node.text or "").strip(), (node.tail or "").strip(), node.getparent() is None)
        for node in root.iter()
    ]  # fmt: skip


def test_all_of_them_are_here():
    assert len(MODELS) == 21


@pytest.mark.parametrize("name", MODELS)
class TestKept:
    def test_the_file_comes_out_as_it_went_in(self, name):
        assert model(name).content == (FOLDER / f"{name}.bpmn").read_bytes()

    def test_the_tree_comes_out_element_by_element(self, name):
        before = etree.parse(FOLDER / f"{name}.bpmn").getroot()
        document = model(name)
        prepare(document)

        after = etree.fromstring(document.written())

        assert outline(after) == outline(before)
        assert after.nsmap == before.nsmap

    def test_every_id_shape_and_edge_is_there_again(self, name):
        before = etree.parse(FOLDER / f"{name}.bpmn").getroot()
        after = etree.fromstring(model(name).text.encode())

        assert Counter(one.get("id") for one in elements(after)) == Counter(
            one.get("id") for one in elements(before)
        )
        assert drawn_ids(after) == drawn_ids(before)


@pytest.mark.parametrize(
    "trace", TRACES, ids=lambda one: f"{one['model']}-{len(one['doing'])}-{one['doing'][-1][:8]}"
)
def test_runs_as_recorded(trace):
    ready = tried(prepare(model(trace["model"]), process_id=trace["process"]))

    assert ready.is_runnable
    names = dict(trace["names"].items())
    assert walk(ready, trace["doing"], names) == trace["lines"]


def test_those_that_must_run_do_to_the_end():
    over = {one["model"] for one in TRACES if one["lines"][-1][0] == "over"}

    assert over >= MUST_RUN
    assert len(over) == 17


@pytest.mark.parametrize("name", sorted(MUST_RUN))
def test_those_that_must_run_have_no_error_in_any_process(name):
    document = model(name)

    for process in document.processes:
        assert tried(prepare(document, process_id=process.get("id"))).is_runnable


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_is_beyond_is_refused_with_id_name_and_reason(name):
    document = model(name)
    findings = [
        finding
        for process in document.processes
        for finding in prepare(document, process_id=process.get("id")).findings
        if finding.severity == "error"
    ]

    assert findings
    for finding in findings:
        assert finding.node_id
        assert finding.name
        assert len(finding.reason) > 6
        assert document.node(finding.node_id) is not None


def test_compensation_knows_what_undoes_what():
    ready = prepare(model("C.6.0"))

    names = {
        ready.settings[step].name: ready.settings[undo].name for step, undo in ready.compensations.items()
    }
    assert names == {"Book Flight": "Cancel Flight", "Book Hotel": "Cancel Hotel"}


def test_a_branch_without_condition_is_chosen_by_a_person():
    ready = prepare(model("A.2.0"))

    (choices,) = ready.choices.values()
    assert [choice.name for choice in choices] == ["Task 2", "Task 3", "Task 4"]


def test_a_time_that_is_only_named_is_understood_and_said():
    findings = [str(one) for one in prepare(model("C.6.0")).findings]

    assert any("24 Hours" in one and "PT24H" in one for one in findings)
