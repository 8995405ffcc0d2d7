"""What a plan must keep before it goes on, and what changed between two versions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from yanta.systems.curricula.rules.audit import GroupTerms, PlanTerms, Standing


@dataclass(frozen=True, slots=True)
class Need:
    """`course` needs `needs`, before it or beside it; those of one alternative set (not 0) stand for each other."""

    course: int
    needs: int
    together: bool = False
    alternative: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A course in a plan, as versions are compared and orders checked."""

    course: int
    name: str
    group: str
    credits: Decimal
    term: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to put right; `stops` means that the plan cannot go on with it."""

    text: str
    stops: bool = True


def plain(amount: Decimal) -> str:
    """`3`, `2.5`: without the noughts that a decimal keeps."""
    return f"{float(amount):g}"


def cycle_in(needs: Iterable[tuple[int, int]]) -> list[int]:
    """The courses of one circle of "needs", in order, or nothing."""
    ahead: dict[int, list[int]] = {}
    for course, wanted in needs:
        ahead.setdefault(course, []).append(wanted)
    done: set[int] = set()
    for start in ahead:
        found = _circle_from(start, ahead, done)
        if found:
            return found
    return []


def _circle_from(start: int, ahead: Mapping[int, Sequence[int]], done: set[int]) -> list[int]:
    path: list[int] = []
    steps: list[Iterator[int]] = [iter((start,))]
    while steps:
        course = next(steps[-1], None)
        if course is None:
            steps.pop()
            if path:
                done.add(path.pop())
        elif course in path:
            return path[path.index(course) :]
        elif course not in done:
            path.append(course)
            steps.append(iter(ahead.get(course, ())))
    return []


def order_problems(lines: Iterable[Line], needs: Iterable[Need]) -> list[Problem]:
    """A course that stands in the plan before what it needs; with alternatives, before all of them."""
    at: dict[int, Line] = {}
    for line in lines:
        if line.course not in at or line.term < at[line.course].term:
            at[line.course] = line
    sets: dict[tuple[int, int, int], list[Need]] = {}
    for one in needs:
        if one.course in at:
            sets.setdefault((one.course, one.alternative, 0 if one.alternative else one.needs), []).append(
                one
            )
    return [problem for (course, _, _), found in sets.items() for problem in _late(at[course], found, at)]


def _late(line: Line, needs: Sequence[Need], at: Mapping[int, Line]) -> list[Problem]:
    present = [one for one in needs if one.needs in at]
    if not present:
        return []
    if any(at[one.needs].term < line.term + one.together for one in present):
        return []
    names = "、".join(f"“{at[one.needs].name}”（第 {at[one.needs].term} 学期）" for one in present)
    return [Problem(f"“{line.name}”排在第 {line.term} 学期，早于它的先修课程 {names}")]


def credit_problems(
    groups: Sequence[GroupTerms], names: Mapping[int, str], *, least: Decimal
) -> list[Problem]:
    """Groups that ask for more than they offer, and a plan whose groups do not come to its total."""
    plan = PlanTerms(groups, least=least)
    found = [problem for group in groups for problem in _group_problems(group, plan, names)]
    asked = sum((asked_by(plan, key) for key in plan.below[0]), Decimal(0))
    if asked < least:
        found.append(
            Problem(
                f"各课程组合计要求 {plain(asked)} 学分，少于最低总学分 {plain(least)}，差 {plain(least - asked)}"
            )
        )
    if asked > least:
        found.append(
            Problem(f"各课程组合计要求 {plain(asked)} 学分，多于最低总学分 {plain(least)}", stops=False)
        )
    return found


def asked_by(plan: PlanTerms, key: int) -> Decimal:
    """The credits that a group asks for at least, its groups below included."""
    group = plan.groups[key]
    below = sorted(asked_by(plan, one) for one in plan.below[key])
    if group.groups:
        below = below[: group.groups]
    own = sum((slot.credits for slot in group.slots), Decimal(0)) if group.takes_all else Decimal(0)
    return max(group.credits, own + sum(below, Decimal(0)))


def offered_by(plan: PlanTerms, key: int) -> Decimal:
    """The credits that the listed courses of a group and the groups below it come to."""
    own = sum((slot.credits for slot in plan.groups[key].slots), Decimal(0))
    return own + sum((offered_by(plan, one) for one in plan.below[key]), Decimal(0))


def _group_problems(group: GroupTerms, plan: PlanTerms, names: Mapping[int, str]) -> Iterator[Problem]:
    name, below = names[group.key], plan.below[group.key]
    is_open = group.takes_any or group.nature or any(
        plan.groups[one].takes_any or plan.groups[one].nature for one in below
    )  # fmt: skip
    offered = offered_by(plan, group.key)
    if not is_open and not group.slots and not below:
        yield Problem(f"课程组“{name}”里还没有课程")
    elif not is_open and offered < group.credits:
        yield Problem(f"课程组“{name}”要求 {plain(group.credits)} 学分，列出的课程只有 {plain(offered)} 学分")
    if group.courses > len(group.slots) and not is_open and not below:
        yield Problem(f"课程组“{name}”要求 {group.courses} 门，只列出 {len(group.slots)} 门")
    if group.groups > len(below):
        yield Problem(f"课程组“{name}”要求完成 {group.groups} 个下级组，只有 {len(below)} 个")


# -- two versions -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: what, before, after. `kind` is added, removed or changed."""

    kind: str
    what: str
    before: str = ""
    after: str = ""


def changes_of_courses(before: Iterable[Line], after: Iterable[Line]) -> list[Change]:
    """Courses that came, went, or changed credits, term or group; each once, in a steady order."""
    old, new = _by_course(before), _by_course(after)
    found = [Change("removed", old[key].name, _said(old[key])) for key in old if key not in new]
    found += [Change("added", new[key].name, "", _said(new[key])) for key in new if key not in old]
    for key in old:
        if key in new and _said(old[key]) != _said(new[key]):
            found.append(Change("changed", new[key].name, _said(old[key]), _said(new[key])))
    order = {"removed": 0, "added": 1, "changed": 2}
    return sorted(found, key=lambda change: (order[change.kind], change.what))


def _by_course(lines: Iterable[Line]) -> dict[int, Line]:
    """A course that stands in several groups is one line that names them all."""
    found: dict[int, Line] = {}
    for line in sorted(lines, key=lambda one: (one.term, one.group)):
        known = found.get(line.course)
        if known is None:
            found[line.course] = line
        else:
            group = f"{known.group}、{line.group}"
            found[line.course] = Line(line.course, line.name, group, known.credits, known.term)
    return found


def _said(line: Line) -> str:
    return f"{line.group} · {plain(line.credits)} 学分 · 第 {line.term} 学期"


def changes_of_groups(before: Mapping[str, str], after: Mapping[str, str]) -> list[Change]:
    """Groups by name with their rule in words."""
    found = [Change("removed", name, before[name]) for name in before if name not in after]
    found += [Change("added", name, "", after[name]) for name in after if name not in before]
    found += [
        Change("changed", name, before[name], after[name])
        for name in before
        if name in after and before[name] != after[name]
    ]
    return found


# -- what may be studied next -------------------------------------------------------------------------


def unmet_needs(
    course: int, needs: Iterable[Need], *, earned: frozenset[int], under_way: frozenset[int]
) -> list[int]:
    """The courses that still stand before a course; one of each alternative set."""
    sets: dict[tuple[int, int], list[Need]] = {}
    for one in needs:
        if one.course == course:
            sets.setdefault((one.alternative, 0 if one.alternative else one.needs), []).append(one)
    return [
        found[0].needs
        for found in sets.values()
        if not any(one.needs in earned or (one.together and one.needs in under_way) for one in found)
    ]


def next_courses(
    standing: Standing, needs: Sequence[Need], *, earned: frozenset[int], under_way: frozenset[int]
) -> dict[int, list[int]]:
    """Each missing course of a group with what stands before it; an empty list means that it can be taken now."""
    return {
        slot.course: unmet_needs(slot.course, needs, earned=earned, under_way=under_way)
        for slot in standing.missing
    }


# -- graduate requirements ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OutcomeTerms:
    """A graduate requirement with the weights of the courses that support it."""

    code: str
    title: str
    weights: Mapping[int, Decimal]


def outcome_problems(
    outcomes: Sequence[OutcomeTerms], required: Mapping[int, str], names: Mapping[int, str]
) -> list[Problem]:
    """Weights that do not come to 1, requirements with too few courses, required courses that support nothing."""
    found: list[Problem] = []
    for one in outcomes:
        total = sum(one.weights.values(), Decimal(0))
        if not one.weights:
            found.append(Problem(f"毕业要求 {one.code}“{one.title}”还没有课程支撑", stops=False))
        elif total != 1:
            found.append(
                Problem(f"毕业要求 {one.code}“{one.title}”的权重合计为 {plain(total)}，应为 1", stops=False)
            )
        outside = [names.get(course, str(course)) for course in one.weights if course not in names]
        if outside:
            found.append(
                Problem(f"毕业要求 {one.code} 由不在方案里的课程支撑：{'、'.join(outside)}", stops=False)
            )
    supported = {course for one in outcomes for course in one.weights}
    idle = [name for course, name in required.items() if course not in supported]
    if outcomes and idle:
        found.append(
            Problem(
                f"{len(idle)} 门必修课程没有支撑任何毕业要求：{'、'.join(idle[:5])}{'等' if len(idle) > 5 else ''}",
                stops=False,
            )
        )
    return found
