"""“This is wrong”: raised by the person, decided by the owning department, written at the source."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.utils import timezone

from yanta.hub import events, queries, rules
from yanta.hub.elements import ELEMENTS, Element
from yanta.hub.models import Correction, ElementChange, ElementValue
from yanta.kernel import audit, notify, workflow
from yanta.kernel.base import Actor, Refused, ciphers
from yanta.kernel.codes import service as codes
from yanta.kernel.events import publish
from yanta.kernel.files.models import StoredFile
from yanta.kernel.operation import Label, Upload, operation
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Person
from yanta.masterdata.models import StaffMember, Student

State = Correction.State
PROCESS = "hub.correction"
EVERYONE = ("student", "teacher", "counsellor", "clerk", "head")


@operation("报告有误", icon="flag", roles=EVERYONE)
def report_wrong(
    person: Person, *, actor: Actor, element: Annotated[str, Label("数据项")], proposed: Annotated[str, Label("应为")],
    reason: str, evidence: Annotated[StoredFile | None, Upload()] = None,
) -> Correction:  # fmt: skip
    """Say what is right instead; the department that owns the value decides."""
    known = _disputable(element)
    value = _checked(known, proposed)
    current = queries.value_of(person, element)
    if value == current:
        raise Refused("与现在的值相同，不需要更正", field="proposed")
    if Correction.objects.filter(person=person, element=element, state=State.OPEN).exists():
        raise Refused("这一项已有待核准的更正，请等归口部门处理", field="element")
    correction = Correction.objects.create(
        person=person, element=element, current=ciphers.seal(current) if current else None,
        proposed=ciphers.seal(value), reason=reason, evidence=evidence, owner=queries.owner_of(person, element), raised_by=actor.name,
    )  # fmt: skip
    publish(events.CorrectionRaised(
        correction_id=correction.pk, owner_id=correction.owner_id, person_id=person.pk, element=element
    ))  # fmt: skip
    _tell_owners(correction, known)
    workflow.start(PROCESS, subject=correction, actor=actor)
    return correction


def _tell_owners(correction: Correction, element: Element) -> None:
    """Those who decide for the owning unit have something to do."""
    notify.send(
        "hub.correction-raised", to=queries.deciders_of(correction.owner, on=timezone.localdate()),
        context={"name": correction.person.name, "element": element.label, "reason": correction.reason},
        link=f"/hub/corrections/{correction.pk}/",
    )  # fmt: skip


def _tell_person(correction: Correction) -> None:
    verdict = "已核准，处处生效" if correction.state == State.ACCEPTED else "未获核准"
    notify.send(
        "hub.correction-decided", to=[correction.person_id], link="/me/",
        context={"element": ELEMENTS[correction.element].label, "verdict": verdict, "note": correction.note},
    )  # fmt: skip


def _disputable(element: str) -> Element:
    known = ELEMENTS.get(element)
    if known is None or not known.may_be_disputed:
        raise Refused("这一项由学校编定，不能申请更正", field="element")
    return known


def _checked(element: Element, proposed: str) -> str:
    value = rules.tidy(element.name, proposed)
    fault = rules.fault_in(element.name, value)
    if fault:
        raise Refused(fault, field="proposed")
    if element.code_set:
        value = codes.normalise(element.code_set, value) or ""
    if element.code_set and not value:
        raise Refused(f"“{proposed}”对应不到标准代码", field="proposed", rule=element.code_set)
    return value


@operation("核准", icon="check", when=lambda correction: correction.state == State.OPEN)
def accept(correction: Correction, *, actor: Actor, note: Annotated[str, Label("核准意见")] = "") -> None:
    """The value is written at its source and holds until the source itself delivers a new one."""
    _decide(correction, State.ACCEPTED, actor, note)
    value = ciphers.unseal(bytes(correction.proposed))
    _write_value(correction, value)
    _write_source(correction.person, ELEMENTS[correction.element], value)
    publish(_decided(correction))
    _tell_person(correction)


@operation("不予核准", icon="x", danger=True, when=lambda correction: correction.state == State.OPEN)
def refuse(
    correction: Correction, *, actor: Actor, reason: Annotated[str, Label("理由", "会告诉提出人")]
) -> None:
    """The value stays as it is; the person is told why."""
    _decide(correction, State.REFUSED, actor, reason)
    publish(_decided(correction))
    _tell_person(correction)


@operation(
    "撤回", icon="arrow-back-up", roles=EVERYONE, when=lambda correction: correction.state == State.OPEN
)
def withdraw(correction: Correction, *, actor: Actor) -> None:
    """Whoever raised it wants it no more."""
    _decide(correction, State.WITHDRAWN, actor, "")


def read_in_full(correction: Correction, *, actor: Actor) -> tuple[str, str]:
    """What stands and what should stand, for whoever compares them; who read the sensitive of another is kept."""
    element = ELEMENTS[correction.element]
    if element.is_sensitive and actor.person_id != correction.person_id:
        audit.record(
            f"{Correction._meta.label_lower}.view", actor=actor, subject=correction, summary=f"核对{element.label}的原值与应为"
        )  # fmt: skip
    before, after = (
        ciphers.unseal(bytes(one)) if one else "" for one in (correction.current, correction.proposed)
    )
    return queries.wording(element, before), queries.wording(element, after)


def _decide(correction: Correction, state: Correction.State, actor: Actor, note: str) -> None:
    if correction.state != State.OPEN:
        raise Refused("这条更正已经处理过了")
    if state != State.WITHDRAWN and actor.person_id == correction.person_id:
        raise Refused("不能核准自己的更正", rule="经办与申请须为两人")
    correction.state, correction.note = state, note
    correction.decided_by, correction.decided_at = actor.name, timezone.now()
    correction.save()


def _decided(correction: Correction) -> events.CorrectionDecided:
    return events.CorrectionDecided(
        correction_id=correction.pk, person_id=correction.person_id, element=correction.element,
        accepted=correction.state == State.ACCEPTED,
    )  # fmt: skip


def _write_value(correction: Correction, value: str) -> None:
    """The merged value with the correction as its provenance; the refuted value is remembered by its digest."""
    element = ELEMENTS[correction.element]
    digest, now = ciphers.blind_index(value), timezone.now()
    before = ElementValue.objects.filter(person=correction.person, element=element.name).first()
    plain, sealed = ("", ciphers.seal(value)) if element.is_sensitive else (value, None)
    ElementChange.objects.create(
        person=correction.person, element=element.name, correction=correction, changed_at=now,
        before=before.value if before else "", before_sealed=before.sealed if before else None,
        after=plain, after_sealed=sealed, source=before.source if before else None,
    )  # fmt: skip
    current = ciphers.unseal(bytes(correction.current)) if correction.current else ""
    ElementValue.objects.update_or_create(
        person=correction.person, element=element.name,
        defaults={
            "value": plain, "sealed": sealed, "digest": digest, "basis": ElementValue.Basis.CORRECTION,
            "correction": correction, "confirmed_at": now, "run": None,
            "refuted_digest": before.digest if before else ciphers.blind_index(current),
        },
    )  # fmt: skip


def _write_source(person: Person, element: Element, value: str) -> None:
    """The field that carries the element, wherever it is."""
    if element.field:
        setattr(person, element.field, _typed(element, value))
        person.save()
    elif element.name == "dorm_bed":
        Student.objects.filter(person=person, left_on=None).update(bed=value)
    elif element.name == "title_code":
        StaffMember.objects.filter(person=person, left_on=None).update(title=value)


def _typed(element: Element, value: str) -> Any:
    if element.name == "birth_date":
        return date.fromisoformat(value)
    if element.name == "org_code":
        unit = OrgUnit.objects.filter(code=value).first()
        if unit is None:
            raise Refused(f"没有单位号为 {value} 的单位", field="proposed")
        return unit
    return value


@operation("查看完整值", icon="eye", roles=EVERYONE)
def reveal(person: Person, *, actor: Actor, element: Annotated[str, Label("数据项")], reason: str) -> str:
    """A masked value in full; who looked and why stays in the audit trail."""
    if not reason.strip():
        raise Refused("请写明查看的理由", field="reason")
    return queries.value_of(person, element)
