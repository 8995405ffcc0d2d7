"""The life of a dataset: drafted, consented to by every source department, published, revised, deprecated, retired."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.utils import timezone

from yanta.hub.sharing import owners, telling
from yanta.hub.sharing.delivery import schemas
from yanta.hub.sharing.models import Consent, Dataset, DatasetVersion
from yanta.hub.sharing.services.asking import condition_in, level_of, names_in
from yanta.hub.subjects import subject as subject_named
from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import Label, Long, operation
from yanta.kernel.organisation.models import OrgUnit

State = Dataset.State
Fields = Annotated[str, Label("字段", "字段名，用逗号分开"), Long(3)]
Rows = Annotated[str, Label("数据范围", "JSON 条件，留空为全部"), Long(3)]
Meaning = Annotated[str, Label("业务口径"), Long()]


@operation("登记数据集", model=Dataset, icon="database-plus", roles=("clerk", "head"))
def draft(
    *, actor: Actor, code: str, title: str, subject: str, fields: Fields, meaning: Meaning, owner: OrgUnit,
    condition: Rows = "", refresh: Dataset.Refresh = Dataset.Refresh.LIVE, service: str = "", contact: str = "",
) -> Dataset:  # fmt: skip
    """A dataset in one's own department, open to nobody yet."""
    owners.require_speaker(actor, owner, "数据集")
    about = subject_named(subject)
    names = names_in(fields, about)
    return Dataset.objects.create(
        code=code, title=title, subject=about.name, names=names, condition=condition_in(condition, about),
        meaning=meaning, owner=owner, refresh=refresh, service=service, contact=contact, level=level_of(about, names),
    )  # fmt: skip


@operation(
    "修改草稿", icon="edit", bulk=False, roles=("clerk", "head"), when=lambda one: one.state == State.DRAFT
)
def redraft(
    dataset: Dataset, *, actor: Actor, fields: Fields, meaning: Meaning, condition: Rows = "", title: str = "",
    service: str = "", contact: str = "",
) -> None:  # fmt: skip
    """Before anything was asked of others."""
    owners.require_speaker(actor, dataset.owner, "数据集")
    if dataset.state != State.DRAFT or dataset.versions.filter(state="asked").exists():
        raise Refused("已经提请发布的数据集用“修订”，不能直接改")
    about = dataset.about
    dataset.names, dataset.condition = names_in(fields, about), condition_in(condition, about)
    dataset.meaning, dataset.level = meaning, level_of(about, dataset.names)
    dataset.title = title or dataset.title
    dataset.service, dataset.contact = service or dataset.service, contact or dataset.contact
    dataset.save()


@operation(
    "提请发布", icon="send", bulk=False, roles=("clerk", "head"), when=lambda one: one.state == State.DRAFT
)
def ask(dataset: Dataset, *, actor: Actor, note: str = "首次发布") -> None:
    """Every department that owns one of the fields is asked for its consent."""
    owners.require_speaker(actor, dataset.owner, "数据集")
    if dataset.state != State.DRAFT:
        raise Refused("已发布的数据集用“修订”")
    _ask(dataset, dataset.names, dataset.condition, dataset.meaning, note, actor)


@operation(
    "修订",
    icon="versions",
    bulk=False,
    roles=("clerk", "head"),
    when=lambda one: one.state == State.PUBLISHED,
)
def revise(
    dataset: Dataset, *, actor: Actor, fields: Fields, note: Annotated[str, Label("变更说明")], condition: Rows = "",
    meaning: str = "",
) -> None:  # fmt: skip
    """A next version, in force when those whose fields are new have consented; until then nothing changes."""
    owners.require_speaker(actor, dataset.owner, "数据集")
    if dataset.state != State.PUBLISHED:
        raise Refused("只有已发布的数据集可以修订")
    about = dataset.about
    names, rows = names_in(fields, about), condition_in(condition, about)
    _ask(dataset, names, rows, meaning or dataset.meaning, note, actor)


def _ask(
    dataset: Dataset, names: list[str], condition: dict[str, Any], meaning: str, note: str, actor: Actor
) -> None:
    if dataset.versions.filter(state="asked").exists():
        raise Refused("上一次提请还在征求意见")
    number = max(dataset.versions.values_list("number", flat=True), default=0) + 1
    version = DatasetVersion.objects.create(
        dataset=dataset, number=number, names=names, condition=condition, meaning=meaning, note=note
    )
    same_rows = condition == dataset.condition
    for unit, theirs in owners.fields_by_unit(dataset.about, names, default=dataset.owner).items():
        consent = Consent(version=version, unit=unit, names=theirs)
        known = dataset.version > 0 and same_rows and set(theirs) <= set(dataset.names)
        if known or owners.speaks_for(actor, unit):
            words = f"沿用第 {dataset.version} 版的认可" if known else "本部门提请"
            _settle(consent, Consent.State.GIVEN, actor, words)
        else:
            consent.save()
            telling.consent_asked(consent)


def _settle(consent: Consent, state: str, actor: Actor, opinion: str) -> None:
    consent.state, consent.opinion = state, opinion
    consent.decided_by, consent.decided_at = actor.signature[:60], timezone.now()
    consent.save()


@operation("认可", icon="check", roles=("clerk", "head"), when=lambda one: one.state == Consent.State.WAITING)
def consent(asked: Consent, *, actor: Actor, opinion: str = "同意发布") -> None:
    """The source department's word; nobody can give it in its place."""
    owners.require_speaker(actor, asked.unit, "认可")
    if asked.state != Consent.State.WAITING:
        raise Refused("已经办理过")
    _settle(asked, Consent.State.GIVEN, actor, opinion)
    telling.consent_decided(asked)


@operation(
    "不认可",
    icon="x",
    danger=True,
    roles=("clerk", "head"),
    when=lambda one: one.state == Consent.State.WAITING,
)
def decline(asked: Consent, *, actor: Actor, reason: str) -> None:
    """With a reason; the version cannot be published with these fields."""
    owners.require_speaker(actor, asked.unit, "认可")
    if asked.state != Consent.State.WAITING:
        raise Refused("已经办理过")
    _settle(asked, Consent.State.REFUSED, actor, reason)
    telling.consent_decided(asked)


@operation(
    "发布", icon="world-upload", bulk=False, roles=("clerk", "head"),
    when=lambda one: one.versions.filter(state="asked").exists(),
)  # fmt: skip
def publish(dataset: Dataset, *, actor: Actor) -> None:
    """The asked version becomes what is offered, once every source department has consented."""
    owners.require_speaker(actor, dataset.owner, "发布")
    version = dataset.versions.filter(state="asked").first()
    if version is None:
        raise Refused("没有待发布的版本，请先提请发布或修订")
    missing = version.consents.exclude(state=Consent.State.GIVEN).select_related("unit")
    if missing:
        raise Refused(
            f"还差{'、'.join(one.unit.name for one in missing)}的认可",
            rule="发布其他部门交换共享的数据，须经数据来源部门认可",
        )
    version.state, version.published_at = DatasetVersion.State.PUBLISHED, timezone.now()
    version.save(update_fields=["state", "published_at", "updated_at"])
    dataset.names, dataset.condition, dataset.meaning = version.names, version.condition, version.meaning
    dataset.version, dataset.state = version.number, State.PUBLISHED
    dataset.level = level_of(dataset.about, dataset.names)
    dataset.published_on = dataset.published_on or timezone.localdate()
    dataset.save()
    schemas.renew_views(dataset.grants.filter(state="active"))
    telling.published(dataset, version)


@operation(
    "撤回提请", icon="arrow-back-up", bulk=False, roles=("clerk", "head"),
    when=lambda one: one.versions.filter(state="asked").exists(),
)  # fmt: skip
def take_back(dataset: Dataset, *, actor: Actor, reason: str) -> None:
    """The version is asked for no more; what is published stays."""
    owners.require_speaker(actor, dataset.owner, "撤回")
    version = dataset.versions.filter(state="asked").first()
    if version is None:
        raise Refused("没有待发布的版本")
    version.state, version.note = DatasetVersion.State.WITHDRAWN, f"{version.note}（撤回：{reason}）"[:300]
    version.save(update_fields=["state", "note", "updated_at"])


@operation(
    "弃用", icon="hourglass-low", danger=True, bulk=False, roles=("clerk", "head"),
    when=lambda one: one.state == State.PUBLISHED,
)  # fmt: skip
def deprecate(
    dataset: Dataset, *, actor: Actor, ends_on: Annotated[date, Label("停止服务日期")],
    successor: Annotated[Dataset | None, Label("替代数据集")] = None,
) -> None:  # fmt: skip
    """Served until a day that is told to everyone who uses it; new applications are refused from now."""
    owners.require_speaker(actor, dataset.owner, "弃用")
    if dataset.state != State.PUBLISHED:
        raise Refused("只有已发布的数据集可以弃用")
    if ends_on <= timezone.localdate():
        raise Refused("停止服务日期应在今天之后，使用方需要时间改接", field="ends_on")
    if successor is not None and (successor.pk == dataset.pk or successor.state != State.PUBLISHED):
        raise Refused("替代数据集须是另一个已发布的数据集", field="successor")
    dataset.state, dataset.ends_on, dataset.successor = State.DEPRECATED, ends_on, successor
    dataset.save(update_fields=["state", "ends_on", "successor", "updated_at"])
    telling.deprecated(dataset)


@operation(
    "下线", icon="power", danger=True, bulk=False, roles=("clerk", "head"),
    when=lambda one: one.state in (State.PUBLISHED, State.DEPRECATED),
)  # fmt: skip
def retire(dataset: Dataset, *, actor: Actor, reason: str) -> None:
    """Off at once; every grant ends."""
    owners.require_speaker(actor, dataset.owner, "下线")
    if dataset.state not in Dataset.OPEN:
        raise Refused("只有在服务的数据集可以下线")
    take_off(dataset, reason)


def take_off(dataset: Dataset, reason: str) -> None:
    """No grant of the dataset lives on."""
    from yanta.hub.sharing.delivery import closing

    dataset.state, dataset.ends_on = State.RETIRED, dataset.ends_on or timezone.localdate()
    dataset.save(update_fields=["state", "ends_on", "updated_at"])
    for grant in dataset.grants.filter(state__in=("active", "suspended")).select_related(
        "consumer__unit", "dataset"
    ):
        closing.end(grant, "ended", f"数据集已下线：{reason}"[:200])
