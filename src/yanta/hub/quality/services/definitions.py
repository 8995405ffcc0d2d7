"""Making and changing rules; taking what the dictionary suggests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from django.utils import timezone

from yanta.hub.quality import checks, suggesting, world
from yanta.hub.quality.models import FailingRow, Handling, OnLoad, Rule, Severity, Standing, TemplateChoice
from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import Label, Long, operation
from yanta.kernel.organisation.models import OrgUnit

AUTHORS = ("engineer", "clerk")


Owner = Annotated[OrgUnit, Label("归口单位")]


@operation("新建规则", model=Rule, icon="plus", roles=AUTHORS)
def define(
    *, actor: Actor, title: Annotated[str, Label("规则名称")], template: Annotated[TemplateChoice, Label("规则模板")],
    subject: Annotated[str, Label("数据主题", "如 student")], owner: Owner,
    fields: Annotated[str, Label("检查项", "字段名，用逗号分开")] = "",
    parameters: Annotated[str, Label("参数", "JSON"), Long()] = "{}", when: Annotated[str, Label("适用条件", "JSON"), Long()] = "{}",
    severity: Annotated[Severity, Label("严重程度")] = Severity.NORMAL,
    handling: Annotated[Handling, Label("由谁整改")] = Handling.UNIT,
    tolerance: Annotated[Decimal, Label("容忍比例（%）")] = Decimal(0),
    on_load: Annotated[OnLoad, Label("入库前")] = OnLoad.HOLD,
    valid_from: Annotated[date | None, Label("自何日起")] = None,
) -> Rule:  # fmt: skip
    """A rule that makes sense and is not there yet."""
    names = tuple(name.strip() for name in fields.split(",") if name.strip())
    spec = checks.spec_of(
        template, subject, names, read_json(parameters, "parameters"), read_json(when, "when")
    )
    rule = Rule(
        title=title.strip(), owner=owner, severity=severity, handling=handling, tolerance=tolerance,
        on_load=on_load, valid_from=valid_from or timezone.localdate(),
    )  # fmt: skip
    _write(rule, spec)
    return rule


@operation("修改", icon="pencil", bulk=False, roles=AUTHORS)
def revise(
    rule: Rule, *, actor: Actor, title: Annotated[str, Label("规则名称")],
    fields: Annotated[str, Label("检查项", "字段名，用逗号分开")] = "",
    parameters: Annotated[str, Label("参数", "JSON"), Long()] = "{}", when: Annotated[str, Label("适用条件", "JSON"), Long()] = "{}",
    severity: Annotated[Severity, Label("严重程度")] = Severity.NORMAL,
    handling: Annotated[Handling, Label("由谁整改")] = Handling.UNIT,
    tolerance: Annotated[Decimal, Label("容忍比例（%）")] = Decimal(0),
    on_load: Annotated[OnLoad, Label("入库前")] = OnLoad.HOLD,
) -> None:  # fmt: skip
    """Template and subject stay; a rule with another content begins with a clean slate of failing rows."""
    names = tuple(name.strip() for name in fields.split(",") if name.strip())
    spec = checks.spec_of(
        rule.template, rule.subject, names, read_json(parameters, "parameters"), read_json(when, "when")
    )
    before = rule.signature
    rule.title, rule.severity, rule.handling, rule.tolerance = title.strip(), severity, handling, tolerance
    rule.on_load = on_load
    _write(rule, spec)
    if rule.signature != before:
        Standing.objects.filter(rule=rule).delete()
        FailingRow.objects.filter(rule=rule).delete()


def _write(rule: Rule, spec: checks.Spec) -> None:
    checks.check(spec)
    if not rule.title:
        raise Refused("请填写规则名称", field="title")
    if not 0 <= rule.tolerance <= 100:
        raise Refused("容忍比例应在 0 到 100 之间", field="tolerance")
    rule.signature = signature_of(spec)
    same = Rule.objects.filter(signature=rule.signature).exclude(pk=rule.pk).first()
    if same is not None:
        raise Refused(f"内容相同的规则已有：{same.title}")
    rule.template, rule.dimension = spec.template, checks.template_of(spec.template).dimension.value
    rule.subject, rule.subject_title = spec.subject.name, spec.subject.title
    rule.fields, rule.parameters, rule.when = list(spec.fields), dict(spec.parameters), dict(spec.when)
    rule.sentence = checks.sentence(spec)[:400]
    rule.save()


def signature_of(spec: checks.Spec) -> str:
    return hashlib.sha256(world.key_of(spec).encode()).hexdigest()


def read_json(text: str | Mapping[str, Any], field: str) -> dict[str, Any]:
    """A parameter or condition as data; refuses what is no JSON object."""
    if isinstance(text, Mapping):
        return dict(text)
    try:
        found = json.loads(text or "{}")
    except ValueError as error:
        raise Refused("写法有误：应为 JSON", field=field) from error
    if not isinstance(found, dict):
        raise Refused("写法有误：应为一个 JSON 对象", field=field)
    return found


@operation("停用", icon="player-pause", roles=AUTHORS, when=lambda rule: rule.is_enabled)
def disable(rule: Rule, *, actor: Actor, reason: str) -> None:
    """It is carried out no more; its orders stay with who has them, its past stays."""
    if not rule.is_enabled:
        raise Refused("规则已停用")
    rule.is_enabled = False
    rule.save(update_fields=["is_enabled", "updated_at"])


@operation("启用", icon="player-play", roles=AUTHORS, when=lambda rule: not rule.is_enabled)
def enable(rule: Rule, *, actor: Actor) -> None:
    """From the next run on."""
    if rule.is_enabled:
        raise Refused("规则已在启用")
    checks.check(rule.spec)
    rule.is_enabled = True
    rule.save(update_fields=["is_enabled", "updated_at"])


@operation("采纳建议", model=Rule, icon="sparkles", roles=AUTHORS)
def accept(
    *, actor: Actor, suggestions: Annotated[str, Label("建议", "如 student.status.in_set，用逗号分开")],
    tolerance: Annotated[Decimal, Label("容忍比例（%）")] = Decimal(0),
) -> str:  # fmt: skip
    """The rules that the dictionary suggests under these keys; those that are there already are passed over."""
    wanted = {key.strip() for key in suggestions.split(",")}
    taken = sum(_taken(one, tolerance) for one in suggesting.suggestions() if one.key in wanted)
    return f"已采纳 {taken} 条"


def _taken(one: suggesting.Suggestion, tolerance: Decimal) -> int:
    signature = signature_of(one.spec)
    if Rule.objects.filter(signature=signature).exists():
        return 0
    owner = owner_named(one.owner)
    if owner is None:
        raise Refused(f"没有名为“{one.owner}”的单位，请先在组织机构中登记", field="owner")
    rule = Rule(
        title=one.title, owner=owner, severity=one.severity, tolerance=tolerance, valid_from=timezone.localdate(),
        origin=one.why[:60],
    )  # fmt: skip
    _write(rule, one.spec)
    return 1


def owner_named(name: str) -> OrgUnit | None:
    """The unit that goes by that name today, in full, in short or as an alias."""
    return next((unit for unit in _current_units() if name in unit.names), None)


def _current_units() -> Iterable[OrgUnit]:
    return OrgUnit.objects.filter(valid_to=None).order_by("depth", "path")
