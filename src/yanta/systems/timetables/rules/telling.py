"""What the engine answers, in the registry's words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from yanta.masterdata import weeks
from yanta.systems.timetables.rules.clashes import Slot
from yanta.systems.timetables.rules.compiling import Compiled
from yanta.timetabling.constructing import Blocked
from yanta.timetabling.times import Time

REASONS = {
    "time": "没有可用的时间：时间要求或节次排除了所有时段", "room": "没有类型、容量、设备都合适的教室",
    "teacher": "教师在所有可用的时间都有课", "class": "教师有空的时间里班级都有课", "rooms": "合适的教室在可用的时间都有课",
    "section": "这个教学班在所有可用的时间都有课", "link": "关联组排除了所有可用的时间", "travel": "换校区来不及",
    "weeks": "以后没有周次可以补课",
}  # fmt: skip
PARTS = {
    "time": "晚上、周末和时间要求", "room": "教室大小、校区", "teacher_gaps": "教师空堂", "class_gaps": "学生空堂",
    "teacher_load": "教师一天课多", "class_load": "学生一天课多", "spread": "一门课挤在一天", "same_room": "教室不固定",
    "link": "关联组",
}  # fmt: skip
SHOWN = 4
Names = Mapping[tuple[str, int], str]


def reason(why: Blocked) -> str:
    kind = "rooms" if why.kind == "room" else why.kind if why.kind == "time" else why.source.partition(":")[0]
    return REASONS.get(kind, REASONS["rooms"])


def parts(costs: Mapping[str, int]) -> list[tuple[str, int]]:
    """What is not as wished, the most costly first."""
    return sorted(((PARTS.get(name, name), cost) for name, cost in costs.items()), key=lambda one: -one[1])


class Demand(Protocol):
    @property
    def blame(self) -> str: ...
    @property
    def number(self) -> int: ...


class Relaxation(Protocol):
    @property
    def demand(self) -> Demand: ...
    @property
    def enough(self) -> bool: ...


class Conflict(Protocol):
    """What the engine's explanation says."""

    @property
    def lessons(self) -> tuple[int, ...]: ...
    @property
    def rules(self) -> tuple[int, ...]: ...
    @property
    def rooms(self) -> tuple[int, ...]: ...
    @property
    def times(self) -> tuple[Time, ...]: ...
    @property
    def relaxations(self) -> Sequence[Relaxation]: ...


def sentence(conflict: Conflict, compiled: Compiled, names: Names) -> str:
    """Who wants what, why it does not fit, and what would help; one sentence."""
    meetings = [slot for lesson in conflict.lessons for slot in compiled.tasks[lesson]]
    why = [_whose(compiled.problem.rules[rule].source, names) for rule in conflict.rules]
    why += [f"都要用 {compiled.problem.rooms[room].name}" for room in conflict.rooms]
    why.append(f"能用的时间只有{_times(conflict.times, compiled)}")
    helps = _helps(conflict, compiled, names)
    advice = f"；可以{'，或者'.join(helps)}" if helps else ""
    return f"{_lessons(meetings)}{'，'.join(dict.fromkeys(why))}，排不下{advice}。"


def _lessons(meetings: Sequence[Slot]) -> str:
    titles = list(dict.fromkeys(slot.title for slot in meetings))
    shown = "、".join(titles[:SHOWN]) + ("等" if len(titles) > SHOWN else "")
    if len(titles) == len(meetings):
        return f"{shown} {len(titles)} 门课" if len(titles) > 1 else shown
    return f"{shown}（共 {len(meetings)} 次课）"


def _whose(source: str, names: Names) -> str:
    kind, _, keys = source.partition(":")
    if kind == "link":
        return f"同在关联组“{keys}”"
    whom = [names.get((kind, int(key)), "") for key in keys.split(",")][:3]
    said = "、".join(name for name in whom if name)
    return {"teacher": f"都由{said or '同一位教师'}上", "class": f"{said or '同一个班'}都要上"}.get(
        kind, "同属一个教学班"
    )


def _times(times: Iterable[Time], compiled: Compiled) -> str:
    """By day, the periods that are left; a long list only as its number."""
    by_day: dict[int, list[tuple[int, int]]] = {}
    for time in times:
        first = compiled.school.day.period(time.start)
        last = next(p for p in range(first, 40) if compiled.school.day.start(p) + 1 >= time.end)
        by_day.setdefault(time.days.bit_length(), []).append((first, last))
    if sum(map(len, by_day.values())) > 2 * SHOWN:
        return f" {len(by_day)} 天里的 {sum(map(len, by_day.values()))} 处"
    return "、".join(_of_day(day, sorted(set(spans)), compiled) for day, spans in sorted(by_day.items()))


def _of_day(day: int, spans: list[tuple[int, int]], compiled: Compiled) -> str:
    first, last = spans[0][0], max(end for _, end in spans)
    said = "、".join(f"{one}-{end}" for one, end in spans)
    for (begin, end), name in zip(compiled.school.day.blocks(), ("上午", "下午", "晚上"), strict=False):
        if (begin, end) == (first, last):
            return f"{weeks.day_name(day)}{name}（第 {said} 节）"
    return f"{weeks.day_name(day)}第 {said} 节"


def _helps(conflict: Conflict, compiled: Compiled, names: Names) -> list[str]:
    """What would be enough, at most one of each kind."""
    enough = [one.demand for one in conflict.relaxations if one.enough] or [
        one.demand for one in conflict.relaxations
    ]
    lessons = [compiled.tasks[one.number][0].title for one in enough if one.blame == "lesson"]
    found = []
    if lessons:
        some = "”“".join(dict.fromkeys(lessons[:SHOWN]))
        found.append(f"把“{some}”{'中的一门' if len(lessons) > 1 else ''}改到别的时间")
    kinds = {
        compiled.problem.rules[one.number].source.partition(":")[0] for one in enough if one.blame == "rule"
    }
    words = {"teacher": "为其中一门换一位教师", "class": "让其中一门另开教学班", "link": "放宽这个关联组"}
    found += [words[kind] for kind in sorted(kinds, reverse=True) if kind in words]
    if any(one.blame == "room" for one in enough):
        found.append("增加一间同类教室")
    return found
