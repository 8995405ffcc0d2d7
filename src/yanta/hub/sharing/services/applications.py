"""The way of an application: each source department decides its part, the rest follows."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date
from typing import Annotated

from django.utils import timezone

from yanta.hub.sharing import owners, rules, telling
from yanta.hub.sharing.delivery import schemas
from yanta.hub.sharing.models import Agreement, Application, Consumer, Dataset, Decision, Grant
from yanta.hub.sharing.services.asking import condition_in, level_of, names_in, ways_in
from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import Label, Long, operation
from yanta.kernel.organisation.models import OrgUnit

State = Application.State
Said = Decision.State
SECOND_ROLES = ("head",)


def speaks_for_consumer(actor: Actor, consumer: Consumer) -> bool:
    """The responsible person, or whoever speaks for the unit that uses the data."""
    mine = actor.person_id is not None and actor.person_id == consumer.responsible_id
    return mine or owners.speaks_for(actor, consumer.unit)


@operation("申请使用", model=Application, icon="file-plus", roles=("clerk", "head", "teacher", "engineer"))
def apply(
    *, actor: Actor, dataset: Dataset, consumer: Consumer, purpose: Annotated[str, Label("用途"), Long()],
    fields: Annotated[str, Label("字段", "字段名，用逗号分开")], valid_from: date, valid_to: date,
    ways: Annotated[str, Label("交付方式", "rest、file、schema、webhook，用逗号分开")],
    condition: Annotated[str, Label("行范围", "JSON 条件，留空为全部"), Long(3)] = "",
    per_minute: int = 60, rows_per_day: int = 100_000,
) -> Application:  # fmt: skip
    """Fields, rows, term and rate, for a purpose; the departments whose fields they are decide."""
    _check_consumer(actor, dataset, consumer)
    about = dataset.about
    names = names_in(fields, about, among=dataset.names)
    application = Application(
        dataset=dataset, consumer=consumer, purpose=purpose, names=names, condition=condition_in(condition, about),
        valid_from=valid_from, valid_to=valid_to, per_minute=per_minute, rows_per_day=rows_per_day, ways=ways_in(ways),
        applicant_id=actor.person_id,
    )  # fmt: skip
    _check_terms(application, level_of(about, names))
    if dataset.grants.filter(consumer=consumer, state__in=("active", "suspended")).exists():
        raise Refused("这个使用方已有对这个数据集的授权，请在授权页申请续期或变更")
    if dataset.applications.filter(consumer=consumer, state__in=Application.OPEN).exists():
        raise Refused("这个使用方对这个数据集已有一份申请在办")
    submit(application)
    return application


def _check_consumer(actor: Actor, dataset: Dataset, consumer: Consumer) -> None:
    if dataset.state != Dataset.State.PUBLISHED:
        raise Refused("只有已发布的数据集可以申请；已弃用的请申请它的替代数据集", field="dataset")
    if consumer.kind == Consumer.Kind.NODE:
        raise Refused("与其他学校共享走校际协议，由对方提出", field="consumer")
    if not speaks_for_consumer(actor, consumer):
        raise Refused("只有使用方的责任人或使用单位可以替它申请", field="consumer")
    if not consumer.is_active:
        raise Refused("这个使用方已停用", field="consumer")
    if not owners.is_in_service(consumer.responsible_id):
        raise Refused("使用方的责任人已不在岗，请先更换责任人", field="consumer")


def _check_terms(application: Application, level: int) -> None:
    term = rules.refusal_of_term(
        valid_from=application.valid_from,
        valid_to=application.valid_to,
        level=level,
        today=timezone.localdate(),
    )
    if term:
        raise Refused(term, field="valid_to", rule="sharing.term")
    rate = rules.refusal_of_rate(per_minute=application.per_minute, rows_per_day=application.rows_per_day)
    if rate:
        raise Refused(rate, field="per_minute")


def submit(application: Application) -> None:
    """Filed, and every department asked whose fields it names."""
    application.save()
    dataset = application.dataset
    parts = owners.fields_by_unit(dataset.about, application.names, default=dataset.owner)
    for unit, names in parts.items():
        decision = Decision.objects.create(application=application, unit=unit, names=names)
        telling.decision_asked(decision)


@operation(
    "申请续期", icon="calendar-plus", bulk=False, roles=("clerk", "head", "teacher", "engineer"),
    when=lambda one: one.state in ("active", "suspended"),
)  # fmt: skip
def renew(
    grant: Grant, *, actor: Actor, valid_to: Annotated[date, Label("续至")], purpose: Annotated[str, Label("用途"), Long()],
    fields: Annotated[str, Label("字段", "留空为现有字段")] = "",
) -> Application:  # fmt: skip
    """The same departments decide again; the key stays, what is granted is replaced when they agree."""
    if not speaks_for_consumer(actor, grant.consumer):
        raise Refused("只有使用方的责任人或使用单位可以申请续期")
    if grant.state not in ("active", "suspended"):
        raise Refused("这份授权已经结束，请重新申请")
    if grant.renewals.filter(state__in=Application.OPEN).exists():
        raise Refused("续期申请已经在办")
    _check_consumer(actor, grant.dataset, grant.consumer)
    about = grant.dataset.about
    names = names_in(fields, about, among=grant.dataset.names) if fields.strip() else list(grant.names)
    before = grant.application
    application = Application(
        dataset=grant.dataset, consumer=grant.consumer, renews=grant, purpose=purpose, names=names,
        condition=grant.condition, valid_from=timezone.localdate(), valid_to=valid_to, per_minute=before.per_minute,
        rows_per_day=before.rows_per_day, ways=grant.ways, applicant_id=actor.person_id,
    )  # fmt: skip
    _check_terms(application, level_of(about, names))
    submit(application)
    return application


@operation(
    "撤回申请", icon="arrow-back-up", bulk=False, roles=("clerk", "head", "teacher", "engineer"),
    when=lambda one: one.state in Application.OPEN,
)  # fmt: skip
def withdraw(application: Application, *, actor: Actor) -> None:
    """Before it is decided."""
    if not speaks_for_consumer(actor, application.consumer):
        raise Refused("只有使用方可以撤回申请")
    if application.state not in Application.OPEN:
        raise Refused("已经有结果的申请不能撤回")
    void(application)


def void(application: Application) -> None:
    """Nobody need decide any more."""
    application.decisions.filter(state=Said.WAITING).update(state=Said.VOID)
    application.state = State.WITHDRAWN
    application.save(update_fields=["state", "updated_at"])


@operation(
    "同意",
    icon="check",
    bulk=False,
    roles=("clerk", "head", "leader"),
    when=lambda one: one.state == Said.WAITING,
)
def approve(
    decision: Decision, *, actor: Actor, fields: Annotated[str, Label("同意的字段", "留空为全部")] = "",
    condition: Annotated[str, Label("收窄行范围", "JSON 条件，留空为不收窄"), Long(3)] = "",
    valid_to: Annotated[date | None, Label("缩短至")] = None, opinion: str = "同意",
) -> None:  # fmt: skip
    """All of the department's fields or fewer, the rows narrowed, the term shortened."""
    _check_decider(decision, actor)
    application = decision.application
    about = application.dataset.about
    names = names_in(fields, about, among=decision.names) if fields.strip() else list(decision.names)
    if valid_to is not None and not application.valid_from <= valid_to <= application.valid_to:
        raise Refused("缩短后的期限应在申请的期限之内", field="valid_to")
    decision.allowed, decision.condition, decision.valid_to = names, condition_in(condition, about), valid_to
    is_whole = set(names) == set(decision.names) and not decision.condition and valid_to is None
    _say(decision, Said.APPROVED if is_whole else Said.REDUCED, actor, opinion)


@operation(
    "不同意", icon="x", danger=True, bulk=False, roles=("clerk", "head", "leader"),
    when=lambda one: one.state == Said.WAITING,
)  # fmt: skip
def refuse(decision: Decision, *, actor: Actor, reason: str) -> None:
    """With a reason that the applicant reads; nobody may overrule it."""
    _check_decider(decision, actor)
    _say(decision, Said.REFUSED, actor, reason)


def _check_decider(decision: Decision, actor: Actor) -> None:
    if decision.state != Said.WAITING:
        raise Refused("已经办理过，或不再需要办理")
    if decision.round == Decision.Round.FIRST:
        owners.require_speaker(actor, decision.unit, "审批")
        return
    if not (owners.speaks_for(actor, decision.unit, roles=SECOND_ROLES) or actor.has_role("leader")):
        raise Refused(
            f"高度敏感数据的第二次审批由{decision.unit.name}负责人或分管校领导办理", rule="sharing.second"
        )
    first = decision.application.decisions.filter(unit=decision.unit, round=Decision.Round.FIRST).first()
    if first is not None and first.decider_id is not None and first.decider_id == actor.person_id:
        raise Refused("第二次审批须由另一个人办理", rule="sharing.second")


def _say(decision: Decision, state: str, actor: Actor, opinion: str) -> None:
    decision.state, decision.opinion = state, opinion
    decision.decider_id, decision.decided_by = actor.person_id, actor.signature[:60]
    decision.decided_at = timezone.now()
    decision.save()
    application = Application.objects.select_for_update(of=("self",)).get(pk=decision.application_id)
    if not application.decisions.filter(state=Said.WAITING).exists():
        _go_on(application)


def _go_on(application: Application) -> None:
    """All who were asked have spoken: what is highly sensitive goes to a second person, the rest is settled."""
    decisions = list(application.decisions.exclude(state=Said.VOID).select_related("unit"))
    outcome = _outcome(application, decisions)
    if outcome is None:
        application.state = State.REFUSED
        application.save(update_fields=["state", "updated_at"])
        _settled(application, None)
        return
    about = application.dataset.about
    high = [name for name in outcome.names if about.field(name).level >= rules.HIGH]
    if high and application.state == State.SUBMITTED:
        _ask_second(application, high)
        return
    application.state = State.APPROVED
    application.save(update_fields=["state", "updated_at"])
    _settled(application, outcome)


def _settled(application: Application, outcome: rules.Outcome | None) -> None:
    """A grant, or nothing; what another school proposed goes on to be signed."""
    agreement = Agreement.objects.filter(application=application).first()
    if agreement is not None:
        from yanta.hub.sharing.services import agreements

        agreements.judged(agreement, outcome)
        return
    if outcome is not None:
        grant(application, outcome)
    telling.application_decided(application)


def _outcome(application: Application, decisions: Iterable[Decision]) -> rules.Outcome | None:
    """The first words, less the highly sensitive fields that a second one struck."""
    struck: set[str] = set()
    words = []
    for one in decisions:
        if one.round == Decision.Round.SECOND:
            struck |= set(one.names) - (set() if one.state == Said.REFUSED else set(one.allowed))
        words.append(
            rules.Word(
                frozenset() if one.state == Said.REFUSED else frozenset(one.allowed),
                one.condition,
                one.valid_to,
                one.state == Said.REFUSED,
            )
        )
    asked = [name for name in application.names if name not in struck]
    return rules.outcome_of(
        asked=asked, condition=application.condition, valid_to=application.valid_to, words=words
    )


def _ask_second(application: Application, names: list[str]) -> None:
    application.state = State.SECOND
    application.save(update_fields=["state", "updated_at"])
    dataset = application.dataset
    parts: dict[OrgUnit, list[str]] = owners.fields_by_unit(dataset.about, names, default=dataset.owner)
    # Asked of other departments, so beyond the decider's scope by nature; `save` would be taken for a trespass.
    seconds = Decision.objects.bulk_create(
        Decision(application=application, unit=unit, names=theirs, round=Decision.Round.SECOND)
        for unit, theirs in parts.items()
    )
    for second in seconds:
        telling.second_asked(second)


def grant(application: Application, outcome: rules.Outcome) -> Grant:
    """What was decided comes into force, in place of what it renews."""
    values = {
        "application": application, "names": list(outcome.names), "condition": outcome.condition,
        "level": level_of(application.dataset.about, outcome.names), "ways": application.ways,
        "valid_to": outcome.valid_to, "per_minute": application.per_minute, "rows_per_day": application.rows_per_day,
        "state": Grant.State.ACTIVE, "reason": "",
    }  # fmt: skip
    made = application.renews or Grant(
        dataset=application.dataset, consumer=application.consumer, valid_from=application.valid_from,
        salt=secrets.token_hex(16),
    )  # fmt: skip
    for name, value in values.items():
        setattr(made, name, value)
    made.save()
    schemas.renew_views([made])
    return made
