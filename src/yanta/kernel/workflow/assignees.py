"""Who is asked: roles in a scope, posts, relations of master data, tables, expressions; and who stands in for them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from yanta.kernel.access import roles
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base import Refused
from yanta.kernel.identity.models import Account
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Person
from yanta.kernel.workflow import conditions, declare
from yanta.kernel.workflow.bpmn.decisions import Decision
from yanta.kernel.workflow.bpmn.settings import Assignee, NodeSettings, SettingError
from yanta.kernel.workflow.models import Delegation


@dataclass(frozen=True, slots=True)
class Asking:
    """What the look-up may know of the matter. `deciders` answers who decided at a node."""

    subject: Callable[[], Any]
    unit_path: Callable[[], str]
    applicant_id: int | None
    on: date
    data: Callable[[], Mapping[str, Any]]
    decisions: Mapping[str, Decision]
    deciders: Callable[[str], Collection[int]]


@dataclass(frozen=True, slots=True)
class Found:
    """`people` in order, each once; `is_pool`: whoever claims it. `missing` says in words whom nobody is."""

    people: tuple[int, ...]
    is_pool: bool = False
    missing: str = ""


def of_node(node: NodeSettings, asking: Asking) -> Found:
    """Whom a node asks; nobody is asked about their own matter unless the drawing says so."""
    found = people_of(node.assignees, asking)
    own = node.own_matter or any(one.kind == "applicant" for one in node.assignees)
    people = tuple(one for one in found if own or one != asking.applicant_id)
    missing = "" if people else _missing(node, own_only=bool(found))
    return Found(people, any(one.kind == "pool" for one in node.assignees), missing)


def _missing(node: NodeSettings, *, own_only: bool) -> str:
    if own_only:
        return f"“{node.name}”的办理人就是申请人本人，须由他人办理"
    wanted = "、".join(said(one) for one in node.assignees)
    return f"“{node.name}”没有找到{wanted}" if wanted else f"“{node.name}”没有写明由谁办理"


def said(assignee: Assignee) -> str:
    """An assignee in the words of people."""
    if assignee.kind in ("role", "pool") and assignee.value in roles.ROLES:
        return roles.ROLES[assignee.value].title
    if assignee.kind == "relation" and assignee.value in declare.relations():
        return declare.relations()[assignee.value].title
    return "申请人" if assignee.kind == "applicant" else f"办理人（{assignee}）"


def people_of(assignees: Iterable[Assignee], asking: Asking) -> list[int]:
    """Everybody they name, each person once, in order."""
    found: dict[int, None] = {}
    for one in assignees:
        found.update(dict.fromkeys(_KINDS[one.kind](one, asking)))
    return list(found)


def _role(one: Assignee, asking: Asking) -> Collection[int]:
    if one.value not in roles.ROLES:
        return _unit(one, asking)
    holders = _holders(one.value, asking.on)
    if one.is_school_wide:
        return [person for person, _ in holders]
    unit = asking.unit_path()
    reaching = [(person, path) for person, path in holders if unit.startswith(path)]
    nearest = max((len(path) for _, path in reaching), default=0)
    return [person for person, path in reaching if len(path) == nearest]


def _holders(role: str, on: date, **where: Any) -> list[tuple[int, str]]:
    """Person and path of the unit (empty: the whole school) of everybody who has the role."""
    rows = (
        RoleGrant.objects.filter(role=role, circle="", valid_from__lte=on, account__state=Account.State.ACTIVE, **where)
        .filter(Q(valid_to=None) | Q(valid_to__gte=on))
        .exclude(account__person=None)
        .order_by("account__person_id")
        .values_list("account__person_id", "org_unit__path")
    )  # fmt: skip
    return [(int(person), path or "") for person, path in rows]


def _unit(one: Assignee, asking: Asking) -> Collection[int]:
    """`0301` or a name: its heads, else its clerks; `0301/post`: whoever holds that post or role there."""
    wanted, _, post = one.value.partition("/")
    unit = OrgUnit.objects.filter(
        Q(code=wanted) | Q(name=wanted) | Q(short_name=wanted), valid_to=None
    ).first()
    if unit is None:
        return ()
    if post and post not in roles.ROLES:
        return declare.holders_of(unit, post)
    for role in [post] if post else ["head", "clerk"]:
        found = [person for person, _ in _holders(role, asking.on, org_unit=unit)]
        if found:
            return found
    return ()


def _relation(one: Assignee, asking: Asking) -> Collection[int]:
    found = declare.relations().get(one.value)
    if found is None:
        raise Refused(f"流程用到的关系“{one.value}”没有登记", rule="assignee")
    return found.find(asking.subject())


def _person(one: Assignee, _asking: Asking) -> Collection[int]:
    return list(Person.objects.filter(number=one.value, merged_into=None).values_list("pk", flat=True))


def _expression(one: Assignee, asking: Asking) -> Collection[int]:
    """The expression answers with a person's id or number, or with several."""
    value = conditions.evaluate(one.value, asking.data())
    values = value if isinstance(value, list | tuple | set) else [value]
    numbers = [str(each) for each in values if isinstance(each, str) and each]
    ids = [each for each in values if isinstance(each, int) and not isinstance(each, bool)]
    by_number = dict(Person.objects.filter(number__in=numbers).values_list("number", "pk")) if numbers else {}
    return [*ids, *(by_number[number] for number in numbers if number in by_number)]


def _decision(one: Assignee, asking: Asking) -> Collection[int]:
    """The table answers with assignees as they are written in a drawing."""
    table = asking.decisions.get(one.value)
    if table is None:
        raise Refused(f"流程用到的决策表“{one.value}”不在图里", rule="assignee")
    answers = [value for row in table.decide(asking.data()) for value in row.values() if value]
    try:
        named = [Assignee.parse(part) for value in answers for part in str(value).split(";") if part.strip()]
    except SettingError as error:
        raise Refused(f"决策表“{table.name}”：{error}", rule="assignee") from error
    return people_of([each for each in named if each.kind != "decision"], asking)


_KINDS: dict[str, Callable[[Assignee, Asking], Collection[int]]] = {
    "role": _role,
    "pool": _role,
    "unit": _unit,
    "relation": _relation,
    "person": _person,
    "expression": _expression,
    "decision": _decision,
    "applicant": lambda _one, asking: [asking.applicant_id] if asking.applicant_id else [],
    "node": lambda one, asking: asking.deciders(one.value),
}


def fallback(node: NodeSettings, owner: Assignee | None, department: str, asking: Asking) -> list[int]:
    """Who is asked when nobody is found: the node's own fallback, the owner of the process, the engineers."""
    ways = [node.fallback, owner, Assignee("unit", department) if department else None]
    for way in (*ways, Assignee("role", "engineer", is_school_wide=True)):
        found = people_of([way], asking) if way else []
        people = [one for one in found if one != asking.applicant_id]
        if people:
            return people
    return []


def deputies(people: Collection[int], process: str, *, on: date) -> dict[int, int]:
    """Who stands in for whom on this day in this process; the later delegation counts."""
    if not people:
        return {}
    rows = Delegation.objects.filter(
        principal_id__in=people, valid_from__lte=on, valid_to__gte=on, ended_at=None
    ).order_by("pk")
    return {
        principal: deputy
        for principal, deputy, processes in rows.values_list("principal_id", "deputy_id", "processes")
        if (not processes or process in processes) and deputy not in people
    }
