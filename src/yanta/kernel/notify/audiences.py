"""To whom a notice goes: units, circles such as classes, holders of a role, named people; never beyond one's reach."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from yanta.kernel.access import roles
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base import Actor, Refused, circles
from yanta.kernel.base.scope import scope_of
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Affiliation, Person

RULE = "notify.audience"
PERMISSION = "notify.notice.compose"
UNIT, ROLE, PERSON = "unit", "role", "person"
STUDENTS = (Affiliation.Role.UNDERGRADUATE, Affiliation.Role.POSTGRADUATE)
SHOWN = 6
Choices = Callable[[Actor], Iterable[tuple[int, str]]]
_choices: dict[str, tuple[str, Choices]] = {}


def audience(kind: str, title: str) -> Callable[[Choices], Choices]:
    """`@audience("class", "班级")` on a function that names the circles of this kind an actor may write to."""

    def declare(found: Choices) -> Choices:
        _choices[kind] = title, found
        return found

    return declare


def choices_for(actor: Actor) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """What the form offers: kind, its title, and the choices as (`class:12`, name)."""
    offered = [(UNIT, "单位", [(f"{UNIT}:{unit.pk}", str(unit)) for unit in units_of(actor)])]
    for kind, (title, found) in _choices.items():
        offered.append((kind, title, [(circles.named(kind, key), name) for key, name in found(actor)]))
    offered.append(
        (
            ROLE,
            "岗位（您管理范围内的）",
            [(f"{ROLE}:{role.code}", role.title) for role in roles.ROLES.values()],
        )
    )
    return [one for one in offered if one[2]]


def units_of(actor: Actor) -> list[OrgUnit]:
    """The units in reach, as far down as colleges and offices."""
    found = OrgUnit.objects.visible_to(actor, PERMISSION).filter(valid_to=None, depth__lte=2)
    deeper = OrgUnit.objects.visible_to(actor, PERMISSION).filter(valid_to=None)
    return list(found) or list(deeper[:100])


@dataclass(frozen=True, slots=True)
class Reached:
    """Whom a notice reaches: `people` have an account; `without` have none; `beyond` are not in the writer's reach."""

    people: QuerySet[Any]
    count: int
    without: int
    beyond: int
    titles: tuple[str, ...]

    @property
    def shown(self) -> str:
        more = len(self.titles) - SHOWN
        return "、".join(self.titles[:SHOWN]) + (f" 等 {len(self.titles)} 项" if more > 0 else "")


def people_in(text: str, *, only: str, actor: Actor) -> Reached:
    """The people of an audience, each once, as far as the actor reaches; the rest is counted and said."""
    wanted, titles = Q(pk__in=()), []
    for part in dict.fromkeys(text.split()):
        condition, title = _part(part, actor)
        wanted |= condition
        titles.append(title)
    if not titles:
        raise Refused("请选择发给谁", field="audience", rule=RULE)
    everybody = _limited(Person.objects.filter(wanted, merged_into=None), only)
    scope = scope_of(Person, actor, PERMISSION)
    reached = everybody if scope is None else everybody.filter(scope)
    open_to = reached.filter(account__state__in=("pending", "active"))
    total, near, count = everybody.count(), reached.count(), open_to.count()
    return Reached(open_to.order_by("pk"), count, near - count, total - near, tuple(titles))


def _limited(people: Any, only: str) -> Any:
    today = timezone.localdate()
    current = Affiliation.objects.filter(Q(valid_to=None) | Q(valid_to__gte=today)).values("person_id")
    if only == "students":
        return people.filter(pk__in=current.filter(role__in=STUDENTS))
    if only == "staff":
        return people.filter(pk__in=current.filter(role=Affiliation.Role.STAFF))
    return people


def _part(part: str, actor: Actor) -> tuple[Q, str]:
    kind, _colon, key = part.partition(":")
    if kind == PERSON and key:
        return _named(key)
    if kind == ROLE and key in roles.ROLES:
        # Holders elsewhere are not meant: "the counsellors" of a college are its own.
        scope = scope_of(Person, actor, PERMISSION)
        return Q(pk__in=_holders(key)) & (scope or Q()), roles.ROLES[key].title
    if not (key.isascii() and key.isdecimal() and len(key) < 12):
        raise Refused(f"看不懂收件范围“{part[:40]}”", field="audience", rule=RULE)
    if kind == UNIT:
        return _unit(int(key), actor)
    if kind in _choices:
        return Q(pk__in=circles.people_of(part)), circles.title_of(part)
    raise Refused(f"没有“{kind[:20]}”这类收件范围", field="audience", rule=RULE)


def _named(number: str) -> tuple[Q, str]:
    """By person, student or staff number; an unknown one is said, not skipped."""
    found = Person.objects.filter(number=number).first()
    if found is None:
        row = Affiliation.objects.filter(number=number).select_related("person").first()
        found = row.person if row else None
    if found is None:
        raise Refused(f"没有编号是“{number[:30]}”的人", field="audience", rule=RULE)
    return Q(pk=found.pk), found.name


def _unit(key: int, actor: Actor) -> tuple[Q, str]:
    unit = OrgUnit.objects.filter(pk=key, valid_to=None).first()
    if unit is None:
        raise Refused("选择的单位不存在或已撤销", field="audience", rule=RULE)
    if not OrgUnit.objects.visible_to(actor, PERMISSION).filter(pk=key).exists():
        raise Refused(f"“{unit}”不在您的管理范围内", field="audience", rule=RULE)
    return Q(home_unit__path__startswith=unit.path), str(unit)


def _holders(role: str) -> Any:
    today = timezone.localdate()
    rows = RoleGrant.objects.filter(role=role, valid_from__lte=today)
    return rows.filter(Q(valid_to=None) | Q(valid_to__gte=today)).values("account__person_id")


def superiors_of(people: Iterable[int]) -> dict[int, list[int]]:
    """Who answers for each of these people: the counsellors of a student's unit, else its head; by their grants."""
    today = timezone.localdate()
    rows = Person.objects.filter(pk__in=list(people), home_unit__isnull=False).values_list(
        "pk", "home_unit__path"
    )
    paths = dict(rows)
    students = set(
        Affiliation.objects.filter(person_id__in=paths, role__in=STUDENTS).values_list("person_id", flat=True)
    )
    grants = RoleGrant.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=today), role__in=("counsellor", "head"), org_unit__isnull=False,
        valid_from__lte=today, circle="", account__person__isnull=False,
    ).values_list("role", "org_unit__path", "account__person_id")  # fmt: skip
    known = list(grants)
    found: dict[int, list[int]] = {}
    for person, path in paths.items():
        order = ("counsellor", "head") if person in students else ("head",)
        found[person] = next((near for role in order if (near := _nearest(known, role, path, person))), [])
    return found


def _nearest(grants: list[tuple[str, str, int]], role: str, path: str, besides: int) -> list[int]:
    """The holders at the closest unit above."""
    above = [(at, who) for kind, at, who in grants if kind == role and path.startswith(at) and who != besides]
    deepest = max((len(at) for at, _ in above), default=0)
    return sorted({who for at, who in above if len(at) == deepest})
