"""Filling forms: for oneself, for one person in scope, for a whole class or college."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any

from yanta.kernel import audit
from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.elements import Known, declared, known
from yanta.kernel.documents import Filled, FormFile, Problem, open_form
from yanta.kernel.documents.filling import fill
from yanta.kernel.documents.values import names_in
from yanta.kernel.files import open_file, store
from yanta.kernel.files.models import StoredFile
from yanta.kernel.operation import Label, Long, operation
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Person
from yanta.masterdata.models import AdminClass
from yanta.systems.paperwork import queries, rules
from yanta.systems.paperwork.models import Batch, Edition, Issued
from yanta.systems.paperwork.queries import opinions

# Whoever may reveal a person's sealed values may have them written on that person's form.
REVEAL = "people.person.reveal"
PHOTO, SIGNATURE = "person.photo", opinions.SIGNATURE
Unit = Annotated[OrgUnit, Label("单位", "名单所属的单位")]
OneClass = Annotated[AdminClass | None, Label("班级", "不选班级和名单，则为整个单位")]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form that is open, and what is known of some people: filled person by person."""

    edition: Edition
    form: FormFile
    facts: dict[int, dict[str, Known]]
    hidden: Collection[str]
    allowed: Collection[int]

    def fill(self, person: Person) -> Filled:
        facts = self.facts[person.pk]
        shown = (
            facts
            if person.pk in self.allowed
            else {name: one for name, one in facts.items() if name not in self.hidden}
        )
        title = f"{self.edition.form.title}　{person.name}"
        filled = fill(self.form.again(), self.edition.found, self.edition.bound, shown, title=title)
        if len(shown) == len(facts):
            return filled
        return replace(filled, problems=tuple(_honest(one, facts) for one in filled.problems))

    def again(self, people: Sequence[int], *, on: date) -> dict[int, dict[str, Known]]:
        return known(people, _names(self.edition), on=on)


def _honest(problem: Problem, facts: dict[str, Known]) -> Problem:
    if problem.element not in facts:
        return problem
    label = declared()[problem.element].label
    text = f"{problem.label}：您没有查看“{label}”的权限，已留空"
    return replace(problem, kind="withheld", text=text)


def _names(edition: Edition) -> set[str]:
    return {name for binding in edition.bound.values() for name in names_in(binding)}


def opened(edition: Edition) -> FormFile:
    with open_file(edition.file) as content:
        return open_form(content.read(), edition.kind)


def sheet_for(
    edition: Edition, people: Sequence[int], *, actor: Actor, on: date, form: FormFile | None = None
) -> Sheet:
    """What is known of all of them in one question to each keeper."""
    names = _names(edition)
    hidden = {name for name in names if declared()[name].is_sensitive}
    reach = (
        Person.objects.visible_to(actor, REVEAL).filter(pk__in=people).values_list("pk", flat=True)
        if hidden
        else people
    )
    allowed = {*reach, *([actor.person_id] if actor.person_id else [])}
    return Sheet(edition, form or opened(edition), known(people, names, on=on), hidden, allowed)


def produce(edition: Edition, *, actor: Actor, person: Person, on: date, trial: bool = False) -> Filled:
    """One document for oneself, or for somebody in scope; a trial is shown and not noted down."""
    _may_produce(edition, actor, person, trial)
    filled = sheet_for(edition, [person.pk], actor=actor, on=on).fill(person)
    if not trial:
        note(edition, person, filled, actor=actor, on=on)
        audit.record(
            "paperwork.edition.produce", actor=actor, subject=edition, summary=f"生成 {edition} {person.name}"
        )
    return filled


def _may_produce(edition: Edition, actor: Actor, person: Person, trial: bool) -> None:
    own = actor.person_id == person.pk
    if own and not trial:
        if not queries.for_person(person.pk).filter(pk=edition.pk).exists():
            raise Refused("这份表格不是给您填的，或没有开放自助生成", rule="paperwork.audience")
        return
    if not actor.may(start_batch.permission):
        raise Refused("您没有为他人生成表格的权限", rule=start_batch.permission)
    if not own and not Person.objects.visible_to(actor).filter(pk=person.pk).exists():
        raise Refused("这个人不在您的管理范围", rule="paperwork.scope")


def note(
    edition: Edition, person: Person, filled: Filled, *, actor: Actor, on: date, batch: Batch | None = None
) -> Issued:
    issued = issued_row(edition, person, filled, made_by=actor.signature, on=on, batch=batch)
    issued.save()
    return issued


def issued_row(
    edition: Edition, person: Person, filled: Filled, *, made_by: str, on: date, batch: Batch | None = None
) -> Issued:
    from yanta.kernel.base import ciphers

    return Issued(
        edition=edition, person=person, batch=batch, digest=ciphers.sm3_hex(filled.content), is_complete=filled.is_complete,
        written=rules.kept_written(filled.written), problems=rules.kept_problems(filled.problems), made_by=made_by, made_on=on,
    )  # fmt: skip


@operation("批量生成", model=Batch, icon="stack-2", roles=("clerk", "head", "counsellor"))
def start_batch(
    *, actor: Actor, form: Annotated[str, Label("表格", "编号或全名")], unit: Unit,
    purpose: Annotated[str, Label("用途")], output: Batch.Output = Batch.Output.ORIGINAL,
    admin_class: OneClass = None,
    numbers: Annotated[str, Label("名单", "学号或工号，用空格、逗号或换行分开"), Long()] = "",
) -> Batch:  # fmt: skip
    """A class, a pasted list, or everybody of a unit; whoever is not in scope is refused by name."""
    from yanta.kernel.jobs import start
    from yanta.systems.paperwork import jobs

    edition = queries.edition_called(form)
    if edition is None:
        raise Refused(f"没有使用中的表格“{form}”", field="form")
    asked = queries.people_asked(
        edition.form.audience, actor=actor, unit=unit, admin_class=admin_class, numbers=numbers
    )
    if not asked.people and not asked.refused:
        raise Refused("名单里没有人", field="numbers")
    if len(asked.people) > rules.MOST_PEOPLE:
        raise Refused(f"一次最多 {rules.MOST_PEOPLE} 人，请分开生成", field="unit")
    batch: Batch = Batch.objects.create(
        edition=edition, unit=unit, title=asked.title, purpose=purpose, output=output, asked=asked.people,
        strangers=asked.refused, read=len(asked.people) + len(asked.refused), account_id=actor.account_id,
    )  # fmt: skip
    start(jobs.produce_batch, actor=actor, batch=batch.pk)
    return batch


def keep_photo(*, actor: Actor, name: str, content: Any) -> StoredFile:
    """A portrait of one's own, which every form with a photo takes from now on."""
    return _keep_own(PHOTO, "更新本人证件照", actor=actor, name=name, content=content, photo=True)


def keep_signature(*, actor: Actor, name: str, content: Any) -> StoredFile:
    """One's own signature, which stands on every form of what one agrees to from now on."""
    return _keep_own(SIGNATURE, "更新本人签名图", actor=actor, name=name, content=content, photo=False)


def _keep_own(
    purpose: str, summary: str, *, actor: Actor, name: str, content: Any, photo: bool
) -> StoredFile:
    if actor.person_id is None:
        raise Refused("没有对应的人员，不能保存照片")
    kept = store(
        name, content, actor=actor, purpose=purpose, allow=("jpg", "png"), megabytes=5, photo=photo, held=True,
        owner_id=actor.person_id,
    )  # fmt: skip
    audit.record(f"paperwork.{purpose.partition('.')[2]}.keep", actor=actor, subject=kept, summary=summary)
    return kept
