"""Certificates for a class or a list, in the background, with a receipt that adds up."""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Sequence
from typing import IO, Annotated

from django.db import transaction
from django.utils import timezone

from yanta.kernel import files
from yanta.kernel.base import Actor, Refused
from yanta.kernel.files.models import StoredFile
from yanta.kernel.jobs import Cancelled, Progress, job, start
from yanta.kernel.operation import Label, Long, operation
from yanta.masterdata.models import AdminClass, Student
from yanta.systems.certificates.models import Batch, Certificate, Kind
from yanta.systems.certificates.services import issuing

MOST = 2000


@operation("批量开具", model=Batch, icon="stack-2", roles=("clerk", "counsellor", "owner"))
def issue_many(
    *, actor: Actor, kind: Kind, admin_class: AdminClass, purpose: str,
    numbers: Annotated[str, Label("学号", "空为全班；只给一部分人开时，把学号写在这里"), Long(4)] = "",
) -> Batch:  # fmt: skip
    """For a class or some of it, all within the actor's reach; each by the same rules as if asked by themselves."""
    keys = _people(admin_class, numbers)
    if not purpose.strip():
        raise Refused("请写明用途", field="purpose")
    refusal = _refusal(kind, len(keys))
    if refusal:
        raise Refused(refusal, field="kind")
    _check_reach(keys, actor)
    batch = Batch.objects.create(
        kind=kind, unit=admin_class.department, title=f"{admin_class.name} {kind.name}"[:120], purpose=purpose.strip()[:100],
        people=keys, asked=len(keys), by=actor.signature,
    )  # fmt: skip
    batch.run_id = start(issue_batch, actor=actor, batch_id=batch.pk).pk
    batch.save(update_fields=["run_id", "updated_at"])
    return batch


def _people(admin_class: AdminClass, numbers: str) -> list[int]:
    """Who of the class; a number that is not of the class is named, not dropped."""
    rows = dict(
        Student.objects.filter(admin_class=admin_class, left_on=None)
        .order_by("number")
        .values_list("number", "person_id")
    )
    wanted = re.split(r"[\s,，、;；]+", numbers.strip()) if numbers.strip() else list(rows)
    strangers = [number for number in wanted if number not in rows]
    if strangers:
        raise Refused(f"这些学号不在{admin_class.name}：{'、'.join(strangers[:10])}", field="numbers")
    return list(dict.fromkeys(rows[number] for number in wanted))


def _refusal(kind: Kind, count: int) -> str | None:
    if not 0 < count <= MOST:
        return f"一次批量开具须有 1 至 {MOST} 人，这次有 {count} 人"
    if not kind.is_open:
        return f"{kind.name}暂不可办：{kind.closed_for}"
    if kind.needs_approval:
        return f"{kind.name}须逐份审核，不能批量开具"
    return "批量开具只用于学生证明" if kind.audience == Kind.Audience.EMPLOYED else None


def _check_reach(people: Sequence[int], actor: Actor) -> None:
    students = Student.objects.visible_to(actor, issue_many.permission)
    reached = set(students.filter(person__in=people).values_list("person_id", flat=True))
    if len(reached) < len(set(people)):
        raise Refused("名单里有不在您管理范围内的学生", rule="certificates.scope")


@operation(
    "继续",
    icon="player-play",
    roles=("clerk", "counsellor"),
    when=lambda batch: batch.state == Batch.State.STOPPED,
)
def restart(batch: Batch, *, actor: Actor) -> None:
    """Where it stopped; nobody gets two."""
    if batch.state != Batch.State.STOPPED:
        raise Refused("只有中止的批次可以继续")
    batch.state, batch.refused = Batch.State.RUNNING, []
    batch.run_id = start(issue_batch, actor=actor, batch_id=batch.pk).pk
    batch.save(update_fields=["state", "refused", "run_id", "updated_at"])


@job("批量开具证明")
def issue_batch(progress: Progress, *, actor: Actor, batch_id: int) -> None:
    """Each in a transaction of its own: after a crash or a stop the rest is issued, and nothing twice."""
    batch = Batch.objects.select_related("kind").get(pk=batch_id)
    if batch.state != Batch.State.RUNNING:
        return
    done = set(batch.certificates.values_list("person_id", flat=True))
    left = [person for person in batch.people if person not in done]
    names = issuing.people_named(left)
    refused: list[dict[str, str]] = []
    try:
        for number, person in enumerate(left):
            progress.step(len(done) + number, batch.asked, names.get(person, ""))
            try:
                issuing.hand_out(batch.kind, person, purpose=batch.purpose, actor=actor, batch=batch)
            except Refused as refusal:
                refused.append(
                    {"person": str(person), "name": names.get(person, ""), "reason": refusal.message}
                )
    except Cancelled:
        _finish(batch, refused, Batch.State.STOPPED)
        raise
    _finish(batch, refused, Batch.State.DONE, actor=actor)
    progress.step(batch.asked, batch.asked, f"开具 {batch.issued} 份，未开具 {len(refused)} 人")
    progress.finish(link=f"/certificates/batches/{batch.pk}/", issued=batch.issued, refused=len(refused))


def _finish(
    batch: Batch, refused: list[dict[str, str]], state: Batch.State, *, actor: Actor | None = None
) -> None:
    batch.issued = batch.certificates.count()
    batch.refused, batch.state = refused, state
    if actor is not None and batch.issued:
        batch.archive = _packed(batch, actor)
    with transaction.atomic():
        batch.save()


def _packed(batch: Batch, actor: Actor) -> StoredFile:
    """All of them in one archive, named by number and name."""
    with tempfile.TemporaryFile() as packed:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            rows = batch.certificates.select_related("file", "person").order_by("number")
            for one in rows:
                archive.writestr(f"{one.number} {one.person.name}.pdf", _content(one))
        return files.store(
            f"{batch.title} {timezone.localdate():%Y%m%d}.zip", _rewound(packed), actor=actor, purpose="certificates.batch",
            allow=("zip",), megabytes=1000, org_unit=batch.unit,
        )  # fmt: skip


def _rewound(packed: IO[bytes]) -> IO[bytes]:
    packed.seek(0)
    return packed


def _content(one: Certificate) -> bytes:
    if one.file is None:
        return b""
    with files.open_file(one.file) as content:
        return content.read()
