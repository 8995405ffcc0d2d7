"""Which element a slot may want, and how a new edition takes over what was confirmed for the old one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from yanta.kernel.base.elements import Element, declared
from yanta.kernel.documents.marks import OPINION_WORDS, bare, plain
from yanta.kernel.documents.model import Binding, Slot

COUNT = "#"
SURE, LIKELY, POSSIBLE = 1.0, 0.8, 0.6
# What stands near somebody else's name, phone, unit.
OTHERS = (
    "父", "母", "共同", "家庭", "家长", "配偶", "子女", "亲属", "紧急联系", "推荐人", "导师", "介绍人", "证明人", "经办", "监护", "成员", "班主任",
    "辅导员", "评审", "合作", "担保", "主要社会关系",
)  # fmt: skip
# Words around a label that change nothing of what it asks for.
AROUND = frozenset((
    "本人", "学生", "教师", "申请人", "现", "现任", "所在", "当前", "就读", "名称", "号码", "情况", "填写", "学生本人", "教职工", "的",
    "您的", "全称", "毕业生",
))  # fmt: skip
# Not everybody has one: an empty cell is the right answer.
MAY_BE_ABSENT = frozenset(("person.former_name", "staff.post", "student.counsellor", "student.head_teacher"))
_DATE_STYLES = {
    "出生年月": "dot-month",
    "入学年月": "dot-month",
    "来校时间": "dot-month",
    "参加工作时间": "dot-month",
}


@dataclass(frozen=True, slots=True)
class Guess:
    """An element for a slot with how sure it is, 1 being certain."""

    binding: Binding
    trust: float


def suggest(
    slots: Sequence[Slot], *, prefer: Collection[str] = (), more: Mapping[str, Element] | None = None
) -> dict[str, Guess]:
    """By label, aliases, standard and what stands near; `prefer` are prefixes such as `student.`, the form's audience.

    `more` are elements that only this form has, such as the answers of the application that it belongs to.
    """
    found: dict[str, Guess] = {}
    offered = {**declared(), **(more or {})}
    own = {label: name for name, one in (more or {}).items() for label in _names(one)}
    for slot in slots:
        answered = own.get(bare(slot.label), "") if slot.kind in ("text", "date", "check") else ""
        base = Binding(slot.key, slot.label, slot.kind, element=answered)
        guess = Guess(base, SURE) if answered else _guess(slot, prefer, offered)
        if guess is not None:
            found[slot.key] = guess
    return found


def _guess(slot: Slot, prefer: Collection[str], offered: Mapping[str, Element]) -> Guess | None:
    base = Binding(slot.key, slot.label, slot.kind)
    if slot.kind == "opinion":
        return Guess(replace(base, step=bare(slot.label)), SURE)
    if slot.kind == "rows":
        return _rows(slot, base, offered)
    if slot.kind == "photo":
        return Guess(replace(base, element="person.photo"), SURE) if "person.photo" in declared() else None
    if _is_others(slot):
        return None
    best = max(
        ((_trust(element, slot), _is_preferred(element, prefer), name) for name, element in offered.items()),
        default=(0.0, False, ""),
    )
    if best[0] < POSSIBLE:
        return None
    style = _DATE_STYLES.get(bare(slot.label), "")
    return Guess(
        replace(base, element=best[2], style=style, is_required=best[2] not in MAY_BE_ABSENT), best[0]
    )


def step_for(label: str, steps: Iterable[tuple[str, str]]) -> str:
    """The step of a process, by identifier and name, that gives the opinion a cell is labelled with; "" where none does."""
    wanted = _spoken(label)
    if not wanted:
        return ""
    named = [(node, _spoken(name)) for node, name in steps]
    same = (node for node, name in named if name == wanted)
    within = (node for node, name in named if name and (name in wanted or wanted in name))
    return next(same, None) or next(within, "")


def _spoken(label: str) -> str:
    """Who speaks: 辅导员意见, 辅导员审批 and 辅导员（签字） are all 辅导员."""
    said = bare(label)
    for word in (*OPINION_WORDS, "办理", "审定", "核准", "决定", "签批", "初审", "复审"):
        said = said.replace(word, "")
    return said


def _is_others(slot: Slot) -> bool:
    """Whether the slot asks about somebody else: what an element is called is never a sign of that."""
    words = (text for text in (slot.label, *slot.near) if not _is_named(text))
    return any(word in text for text in words for word in OTHERS)


def _is_named(label: str) -> bool:
    return any(bare(label) in _names(element) for element in declared().values())


def _is_preferred(element: Element, prefer: Collection[str]) -> bool:
    return any(element.name.startswith(prefix) for prefix in prefer)


def _trust(element: Element, slot: Slot) -> float:
    if element.kind in ("rows", "photo"):
        return 0
    label, names = bare(slot.label), _names(element)
    if label in names or plain(slot.label) in names:
        return SURE
    if element.standard and label.upper() == element.standard:
        return SURE
    inside = (name for name in names if len(name) > 1 and name in label)
    return LIKELY if any(label.replace(name, "", 1) in AROUND for name in inside) else 0


@lru_cache(maxsize=512)
def _names(element: Element) -> frozenset[str]:
    return frozenset(bare(name) for name in (element.label, *element.aliases))


def _rows(slot: Slot, base: Binding, offered: Mapping[str, Element]) -> Guess | None:
    """The rows element whose columns meet most of the form's; a table about other people has none."""
    if _is_others(slot) or any(label in ("称谓", "关系", "与本人关系", "姓名") for label in slot.columns):
        return None
    best: tuple[int, bool, str, tuple[str, ...]] = (0, False, "", ())
    for name, element in offered.items():
        if element.kind == "rows":
            columns = tuple(_column(element, label) for label in slot.columns)
            best = max(
                best,
                (
                    sum(name not in ("", COUNT) for name in columns),
                    bare(slot.label) in _names(element),
                    name,
                    columns,
                ),
            )
    if best[0] < 2:
        return None
    trust = SURE if all(best[3]) else LIKELY if best[1] else POSSIBLE
    return Guess(replace(base, element=best[2], columns=best[3]), trust)


def columns_for(element: Element | None, labels: Sequence[str]) -> tuple[str, ...]:
    """Column names of a rows element for the labels of a form; empty where it has none."""
    return tuple(_column(element, label) for label in labels) if element and element.kind == "rows" else ()


def _column(element: Element, label: str) -> str:
    if bare(label) in ("序号", "编号"):
        return COUNT
    for column in element.columns:
        if bare(label) in _names(column):
            return column.name
    return ""


@dataclass(frozen=True, slots=True)
class Takeover:
    """What became of confirmed bindings in another edition: by slot key of the new one."""

    kept: Mapping[str, Binding]
    moved: tuple[tuple[str, str], ...]
    gone: tuple[Binding, ...]
    new: tuple[Slot, ...]


def take_over(bindings: Iterable[Binding], slots: Sequence[Slot]) -> Takeover:
    """First the same place with the same label, then the label alone, in reading order when it stands there twice."""
    waiting = list(bindings)
    kept: dict[str, Binding] = {}
    for same_place in (True, False):
        for slot in slots:
            if slot.key in kept:
                continue
            found = next((one for one in waiting if _is_same(one, slot, same_place)), None)
            if found is not None:
                kept[slot.key] = replace(found, slot=slot.key, label=slot.label)
                waiting.remove(found)
    before = {id(one): one.slot for one in bindings} if isinstance(bindings, list | tuple) else {}
    moved = tuple(
        (old, key)
        for key, one in kept.items()
        if (old := _old_key(one, bindings if before else (), key)) != key
    )
    return Takeover(kept, moved, tuple(waiting), tuple(slot for slot in slots if slot.key not in kept))


def _old_key(binding: Binding, bindings: Iterable[Binding], key: str) -> str:
    same = [one.slot for one in bindings if replace(one, slot=key, label=binding.label) == binding]
    return key if key in same or not same else same[0]


def _is_same(binding: Binding, slot: Slot, same_place: bool) -> bool:
    if binding.kind != slot.kind:
        return False
    if same_place:
        return binding.slot == slot.key and plain(binding.label) == plain(slot.label)
    return bare(binding.label) == bare(slot.label)
