"""The demo school as a node: an upper node that is not really there (suspended, so nothing is sent), with its receipts and
the work that came back from it. `yanta demo --province` shows the real thing."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from yanta.hub.nodes import contracts, enrolment, feedback, levels, wire
from yanta.hub.nodes.models import FeedbackItem, Node, NodeKey, Package, Receipt, Stream
from yanta.hub.subjects import subject as subject_named
from yanta.kernel.base import signatures
from yanta.kernel.organisation.models import OrgUnit
from yanta.masterdata.models import Student

PROBLEMS = (
    ("id_number", "身份证件号", "id_bad_check", "身份证件号“6101**********34”校验位不对，可能有数字写错"),
    ("sex", "性别", "contradiction", "性别“2”与证件号不一致"),
    ("admin_class", "班级", "reference", "班级“20230699”不在本校已报的行政班中"),
    ("id_number", "身份证件号", "required", "身份证件号必填"),
)
STATES = ("open", "open", "open", "resent", "closed", "explained")


def fill(today: date) -> None:
    """One upper node, a stream per subject, the receipts of last night, a dozen rows that came back."""
    if not levels.own().reports or Node.objects.exists():
        return
    at = timezone.make_aware(datetime.combine(today - timedelta(days=1), time(22, 30)))
    upper = Node.objects.create(
        code="610000", name="陕西省教育数据中心（演示）", level="province", relation=Node.Relation.UPPER,
        state=Node.State.SUSPENDED, address="https://data.example.gov.cn", contact="数据处", pulled_at=at, seen_at=at,
        note="演示用，不会真的发送",
    )  # fmt: skip
    enrolment.pin(upper, signatures.own_key(), NodeKey.How.ENROLMENT, at=at)
    held = _feedback(upper, at)
    for agreed in contracts.offered():
        _stream(upper, agreed.subject, list(agreed.fields), held if agreed.subject == "student" else 0, at)


def _stream(upper: Node, name: str, fields: list[str], held: int, at: datetime) -> None:
    subject = subject_named(name)
    rows = subject.model.objects.count()
    stream = Stream.objects.create(
        upper=upper, subject=name, title=subject.title, owner=subject.owner, fields=fields, wants_full=False,
        state=Stream.State.ACTIVE, agreed_by=f"{subject.owner}负责人", agreed_at=at, acknowledged_at=at, next_number=2,
    )  # fmt: skip
    manifest = wire.canonical({"subject": name, "rows": rows, "built_at": wire.now_text(at)})
    digest = wire.digest(manifest)
    Package.objects.create(
        stream=stream, number=1, kind="full", state=Package.State.DONE, rows=rows, manifest=manifest.decode(),
        digest=digest, signature=signatures.sign(manifest).as_text(), built_at=at, ended_at=at,
    )  # fmt: skip
    counts = {
        "received": rows,
        "new": rows - held,
        "changed": 0,
        "unchanged": 0,
        "removed": 0,
        "quarantined": held,
    }
    document = wire.canonical(
        {"package": digest, "origin": levels.own_code(), "subject": name, "number": 1, **counts}
    )
    Receipt.objects.create(
        side=Receipt.Side.GOT, node=upper, origin=levels.own_code(), subject=name, number=1, package=digest,
        document=document.decode(), signature=signatures.sign(document).as_text(), issued_at=at, **counts,
    )  # fmt: skip


def _feedback(upper: Node, at: datetime) -> int:
    draw = random.Random(13)  # noqa: S311 - reproducible sample data
    students = list(Student.objects.select_related("person", "department").order_by("pk")[:400])
    chosen = draw.sample(students, min(12, len(students)))
    for serial, student in enumerate(chosen, start=1):
        name, title, rule, words = PROBLEMS[serial % len(PROBLEMS)]
        _item(upper, serial, student, {"field": name, "title": title, "rule": rule, "words": words}, at)
    return len(chosen)


def _item(upper: Node, serial: int, student: Student, fault: dict[str, str], at: datetime) -> None:
    unit: OrgUnit = student.department
    FeedbackItem.objects.create(
        upper=upper, serial=serial, subject="student", key=student.number, name=str(student.person),
        words=fault["words"], faults=[fault], number=1, unit=unit, state=STATES[serial % len(STATES)],
        due_on=feedback.due(at) - timedelta(days=serial % 4 * 3), noted_at=at,
    )  # fmt: skip
