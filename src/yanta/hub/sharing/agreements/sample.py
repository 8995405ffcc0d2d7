"""The demo school's agreements: a neighbour that is not really there (suspended, so nobody is asked), one in every state."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from yanta.hub.nodes import enrolment
from yanta.hub.nodes.models import Node, NodeKey
from yanta.hub.sharing import rules
from yanta.hub.sharing.agreements import terms
from yanta.hub.sharing.models import Agreement, Dataset
from yanta.hub.sharing.services import agreements
from yanta.hub.sharing.services.asking import level_of
from yanta.kernel.base import Actor, Refused, signatures
from yanta.kernel.organisation.models import OrgUnit

CODE, NAME = "4161010002", "渭水师范学院（演示）"
SIGNERS = ("分管副校长", "渭水师范学院分管副校长")
STUDENTS = ("number", "name", "grade", "department_name")


def fill(today: date) -> None:
    """Two that this school gives, three that it uses."""
    if Agreement.objects.exists() or not Dataset.objects.filter(code="student-basic").exists():
        return
    at = timezone.now()
    node, made = Node.objects.get_or_create(
        code=CODE,
        defaults={
            "name": NAME, "level": "school", "relation": Node.Relation.PEER, "state": Node.State.SUSPENDED,
            "address": "https://data.weishui.example.edu.cn", "note": "演示用，不会真的联系",
        },
    )  # fmt: skip
    if made:
        enrolment.pin(node, signatures.own_key(), NodeKey.How.VOUCHED, at=at)
    given = _given("student-basic", "联合培养学生在渭水校区借阅、门禁，学期末删除", STUDENTS, today)
    _given("staff-basic", "互聘教师课时核定，由人事处专人查看", ("number", "name", "title"), today)
    if given is not None:
        _in_force(given)
    for state, title, purpose in (
        (Agreement.State.ACTIVE, "在渭水修读的本校学生", "跨校修读学生的在读状态核对，每周一次"),
        (Agreement.State.OFFERED, "跨校辅修学生名单", "辅修学分认定，由教务处专人查看"),
        (Agreement.State.REVOKED, "讲座听众名单", "通识讲座签到统计"),
    ):
        _taken(state, title, purpose, today)


def _given(code: str, purpose: str, names: tuple[str, ...], today: date) -> Agreement | None:
    """Filed with the departments as a real one is; the one of the staff waits for them."""
    dataset = Dataset.objects.filter(code=code, state="published").select_related("owner").first()
    if dataset is None:
        return None
    kept = rules.in_order(names, dataset.names)
    one = Agreement(
        **_facts(today), number=f"{CODE}-{today:%Y%m%d}-{code}", side=Agreement.Side.GIVES, unit=dataset.owner, dataset=code,
        title=dataset.title, subject=dataset.subject, names=kept, purpose=purpose, version=dataset.version,
        level=level_of(dataset.about, kept), partner_signer=SIGNERS[1],
    )  # fmt: skip
    one.terms = terms.written(one)
    one.partner_signature = terms.sign(one)
    try:
        one.application = agreements.file(one, dataset)
    except Refused:  # a school so small that nobody speaks for the department
        return None
    one.save()
    return one


def _facts(today: date) -> dict[str, Any]:
    return {"node": CODE, "partner": NAME, "valid_from": today, "valid_to": today + timedelta(days=180)}


def _in_force(one: Agreement) -> None:
    """Decided, signed by either; the grant is real."""
    from yanta.hub.sharing.services import applications

    assert one.application is not None  # noqa: S101 - filed just now
    for decision in one.application.decisions.filter(state="waiting"):
        applications.approve(decision, actor=Actor.system("demo"), opinion="同意，限本协议用途")
    one.refresh_from_db()
    agreements.sign(one, actor=Actor.system("demo"))
    Agreement.objects.filter(pk=one.pk).update(own_signer=SIGNERS[0])
    agreements.take_signature(one, terms.sign(one), by=SIGNERS[1])


def _taken(state: str, title: str, purpose: str, today: date) -> None:
    office = OrgUnit.objects.filter(name="教务处").first() or OrgUnit.objects.order_by("depth")[0]
    one = Agreement(
        **_facts(today), number=f"taken-{today:%Y%m%d}-{state}", side=Agreement.Side.TAKES, unit=office, dataset=f"visiting-{state}",
        title=title, subject="student", names=["number", "name", "grade"], purpose=purpose, level=2, state=state,
        partner_signer=SIGNERS[1],
    )  # fmt: skip
    one.terms = terms.written(one)
    one.partner_signature = terms.sign(one)
    if state != Agreement.State.OFFERED:
        one.own_signature, one.own_signer, one.signed_at = terms.sign(one), SIGNERS[0], timezone.now()
    if state == Agreement.State.ACTIVE:
        one.read_at, one.rows_read = timezone.now() - timedelta(hours=5), 86
    if state == Agreement.State.REVOKED:
        one.reason = f"{NAME}终止：活动已结束"
    one.save()
