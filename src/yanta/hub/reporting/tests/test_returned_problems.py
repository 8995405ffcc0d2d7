"""What an authority finds in a report stands in the list of returned problems, beside that of rows."""

from __future__ import annotations

from typing import Any

import pytest

from yanta.hub.nodes import services as nodes
from yanta.hub.nodes.models import FeedbackItem, Node
from yanta.hub.reporting.services import answering
from yanta.hub.reporting.tests.conftest import SYSTEM
from yanta.kernel.base import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(filing: Any) -> Any:
    Node.objects.create(code="610000", name="陕西省", level="province", relation="upper", state="active")
    filing.submissions.create(
        number=1, sent_by="x", sent_at=filing.created_at, values={}, digest="", signature=""
    )
    type(filing).objects.filter(pk=filing.pk).update(state="submitted")
    return filing


def found(cell: str = "A.zj.n", severity: str = "explain", explanation: str = "") -> dict[str, str]:
    return {
        "check": "P2", "table": "A", "cell": cell, "severity": severity, "message": "与上年相差 40%", "given": "5", "allowed": "3",
        "basis": "", "explanation": explanation,
    }  # fmt: skip


def hear(state: str, *findings: dict[str, str], number: int = 1, codes: list[str] | None = None) -> None:
    answer = {
        "period": "2026", "number": number, "state": state, "reason": "请核对", "codes": codes if codes is not None else ["A"],
        "receipt": f"回执 {number}", "findings": list(findings),
    }  # fmt: skip
    answering.take_answer("small", answer, actor=SYSTEM, author="610000")


def items() -> list[tuple[str, str, str]]:
    return list(FeedbackItem.objects.order_by("pk").values_list("key", "words", "state"))


def test_each_open_finding_is_work_of_the_unit_that_holds_the_table(sent: Any) -> None:
    hear("returned", found(), found("A.xin.n", explanation="撤并学院"))
    (one,) = FeedbackItem.objects.all()
    assert (one.kind, one.key, one.unit) == ("report", "A.zj.n", sent.tables.get(code="A").unit)
    assert one.faults[0]["link"] == f"/reporting/filings/{sent.pk}/tables/A/"
    assert one.due_on is not None


def test_a_return_in_a_persons_words_is_one_for_each_table(sent: Any) -> None:
    hear("returned", codes=["A", "B"])
    assert items() == [("A", "请核对", "open"), ("B", "请核对", "open")]


def test_sent_again_it_waits_and_taken_it_is_closed(sent: Any) -> None:
    from yanta.hub.nodes import public

    hear("returned", found())
    public.report_resent("small")
    assert items()[0][2] == "resent"
    type(sent).objects.filter(pk=sent.pk).update(state="submitted")
    sent.submissions.create(
        number=2, sent_by="x", sent_at=sent.created_at, values={}, digest="", signature=""
    )
    hear("received", number=2)
    assert items()[0][2] == "closed"


def test_it_is_explained_on_the_report_and_not_here(sent: Any) -> None:
    hear("returned", found())
    one = FeedbackItem.objects.get()
    for verb in (nodes.resend, nodes.explain):
        assert not verb.offered_to(SYSTEM, one)
    with pytest.raises(Refused, match="报表上"):
        nodes.explain(one, actor=SYSTEM, words="x")
