"""Forms and their editions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Annotated

from django.db import transaction

from yanta.kernel.base import Actor, Refused
from yanta.kernel.documents import open_form
from yanta.kernel.documents.model import Binding, Slot
from yanta.kernel.documents.suggesting import Guess, step_for, suggest, take_over
from yanta.kernel.files import open_file
from yanta.kernel.files.models import StoredFile
from yanta.kernel.operation import Label, Upload, operation
from yanta.kernel.organisation.models import OrgUnit
from yanta.systems.paperwork import rules
from yanta.systems.paperwork.models import Edition, Form
from yanta.systems.paperwork.queries import applications

Status = Edition.Status
Original = Annotated[
    StoredFile,
    Label("表格文件", "上级或部门下发的 .docx 或 .xlsx 原件，含宏的不收"),
    Upload(("docx", "xlsx")),
]
Owner = Annotated[OrgUnit, Label("归口部门")]
EditionName = Annotated[str, Label("版本", "如 2026 版")]


@operation("上传表格", model=Form, icon="upload", roles=("clerk", "head"))
def upload(
    *, actor: Actor, title: Annotated[str, Label("名称")], code: Annotated[str, Label("编号", "如 xs-dj-01")],
    owner: Owner, audience: Form.Audience, name: EditionName, file: Original,
    basis: Annotated[str, Label("依据", "文件名与文号")] = "",
) -> Form:  # fmt: skip
    """A new form with its first edition; cells are found and elements suggested at once."""
    if Form.objects.filter(code=code.strip()).exists():
        raise Refused(f"编号 {code} 已有表格，请用“上传新版本”", field="code")
    form = Form.objects.create(code=code.strip(), title=title, owner=owner, audience=audience, basis=basis)
    new_edition(form, name, file)
    return form


@operation("上传新版本", icon="versions", bulk=False)
def add_edition(form: Form, *, actor: Actor, name: EditionName, file: Original) -> None:
    """What was confirmed for the edition before is taken over by its label; what is new or gone is shown."""
    if form.editions.filter(name=name).exists():
        raise Refused(f"已有“{name}”这个版本", field="name")
    new_edition(form, name, file)


def new_edition(form: Form, name: str, file: StoredFile) -> Edition:
    kind = "xlsx" if file.name.lower().endswith("xlsx") else "docx"
    with open_file(file) as content:
        slots = open_form(content.read(), kind).slots()
    if not slots:
        raise Refused("这份表格里没有找到要填的空格，请检查文件", field="file")
    before = form.editions.order_by("-pk").first()
    taken = take_over(_confirmed(before), slots).kept if before else {}
    guesses = suggested(form, slots)
    bindings = [rules.kept_binding(one, confirmed=True) for one in taken.values()]
    bindings += [
        rules.kept_binding(one.binding, trust=one.trust) for key, one in guesses.items() if key not in taken
    ]
    kept = [asdict(slot) for slot in slots]
    edition: Edition = Edition.objects.create(
        form=form, name=name, file=file, kind=kind, slots=kept, bindings=bindings
    )
    return edition


def suggested(form: Form, slots: Sequence[Slot]) -> dict[str, Guess]:
    """For every slot what it may want; an opinion of a form that belongs to a service is of a step of its process."""
    more = applications.elements(form.service)
    found = suggest(slots, prefer=(applications.PREFIX, f"{form.audience}."), more=more)
    steps = applications.steps(form.service)
    if not steps:
        return found
    for key, guess in list(found.items()):
        if guess.binding.kind == "opinion":
            step = step_for(guess.binding.label, steps)
            found[key] = replace(guess, binding=replace(guess.binding, step=step))
    return {key: one for key, one in found.items() if one.binding.kind != "opinion" or one.binding.step}


def _confirmed(edition: Edition) -> list[Binding]:
    return [rules.binding_of(one) for one in edition.bindings if one.get("confirmed")]


@operation("启用", icon="circle-check", when=lambda edition: edition.status == Status.DRAFT, bulk=False)
def put_in_force(edition: Edition, *, actor: Actor, on: Annotated[date, Label("启用日期")]) -> None:
    """The edition before it ends the same day; every slot must have been decided about."""
    if edition.status != Status.DRAFT:
        raise Refused("只有待确认的版本可以启用")
    if edition.unconfirmed:
        raise Refused(
            f"还有 {edition.unconfirmed} 处空格没有确认，请先在“对应”页逐格确认或标明手填",
            rule="paperwork.confirmed",
        )
    with transaction.atomic():
        Edition.objects.filter(form=edition.form, status=Status.IN_FORCE).update(
            status=Status.RETIRED, valid_to=on
        )
        edition.status, edition.valid_from = Status.IN_FORCE, on
        edition.save(update_fields=["status", "valid_from", "updated_at"])


@operation(
    "停用", icon="archive", danger=True, when=lambda edition: edition.status == Status.IN_FORCE, bulk=False
)
def retire(edition: Edition, *, actor: Actor, on: Annotated[date, Label("停用日期")], reason: str) -> None:
    """Nobody produces it any more; what was produced stays."""
    if edition.status != Status.IN_FORCE:
        raise Refused("只有使用中的版本可以停用")
    if edition.valid_from and on < edition.valid_from:
        raise Refused("停用日期早于启用日期", field="on")
    edition.status, edition.valid_to = Status.RETIRED, on
    edition.save(update_fields=["status", "valid_to", "updated_at"])
