"""What a node says of itself, as written and as read."""

import pytest

from yanta.kernel.workflow.bpmn.settings import Assignee, NodeSettings, SettingError, Span

FULL = {
    "operation": "leave.leave.endorse", "refuse": "leave.leave.refuse", "compensate": "leave.leave.undo", "service": "x",
    "assignees": "relation:counsellor; role:head@school", "fallback": "role:registry@school", "copies": "applicant",
    "sign": "share", "share": "67", "order": "sequential", "veto": "false", "due": "3wd", "amber": "1wd",
    "overdue": "escalate", "escalate": "role:leader@school", "workTime": "true", "returns": "applicant first", "bulk": "true",
    "auto": "days < 1", "skipSame": "true", "ownMatter": "true", "opinion": "required", "forbids": "hand_over", "outcome": "granted",
}  # fmt: skip


def test_everything_written_is_read_and_written_again():
    assert NodeSettings.read("n", "名", "userTask", FULL).written() == FULL


def test_nothing_written_is_nothing_to_write():
    assert NodeSettings.read("n", "名", "userTask", {}).written() == {}


@pytest.mark.parametrize(
    "attributes",
    [{"due": "3"}, {"due": "three days"}, {"share": "0"}, {"share": "101"}, {"share": "x"}, {"sign": "both"}, {"bulk": "maybe"},
     {"assignees": "boss"}, {"assignees": "role:"}, {"assignees": "role:head@moon"}, {"overdue": "explode"}, {"dueDate": "3d"}],
)  # fmt: skip
def test_what_says_nothing_sensible_is_refused_in_words(attributes):
    with pytest.raises(SettingError):
        NodeSettings.read("n", "名", "userTask", attributes)


@pytest.mark.parametrize(
    "text", ["role:head", "role:head@school", "applicant", "expression:a if b else c", "unit:0101/dean"]
)
def test_an_assignee_is_written_as_read(text):
    assert str(Assignee.parse(text)) == text


def test_a_span_is_written_as_read():
    assert str(Span.parse("2wd")) == "2wd"
