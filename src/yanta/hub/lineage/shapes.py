"""What the graph of data consists of; packages register what they know, nobody imports whom they describe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from yanta.kernel.base import Actor

# Kinds in the order in which data flow; a key begins with its kind and a colon.
KINDS = {
    "source": "来源", "column": "来源列", "pipeline": "管道", "merged": "归并数据项", "element": "标准数据元", "codeset": "代码集",
    "field": "主题字段", "indicator": "指标", "cell": "报表单元格", "dataset": "数据集", "board": "看板",
    "consumer": "使用方", "system": "系统", "node": "上级节点", "other": "其他",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """Something that data come from, lie in or go to; `key` is `<kind>:<what it is called>`."""

    kind: str
    key: str
    title: str
    link: str = ""
    owner: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """Data flow from source to target; `how` says in what way."""

    source_key: str
    target_key: str
    how: str = ""


@dataclass(frozen=True, slots=True)
class Traced:
    """The rows behind a figure: ids of one subject's rows as the actor may see them, at most a page of them."""

    title: str
    subject: str
    ids: Sequence[int]
    total: int
    link: str = ""


Graph: TypeAlias = tuple[Iterable[Node], Iterable[Edge]]
Provider: TypeAlias = Callable[[], Graph]
Tracer: TypeAlias = Callable[[str, Actor], Traced | None]

_providers: list[Provider] = []
_tracers: dict[str, Tracer] = {}


def provider(function: Provider) -> Provider:
    """`@lineage.provider` on `def f() -> (nodes, edges)` in a package's `lineage.py`."""
    _providers.append(function)
    return function


def tracer(kind: str) -> Callable[[Tracer], Tracer]:
    """`@lineage.tracer("cell")` on `def f(key, actor) -> Traced | None`: the rows behind a node of that kind."""

    def declare(function: Tracer) -> Tracer:
        _tracers[kind] = function
        return function

    return declare


def providers() -> tuple[Provider, ...]:
    return tuple(_providers)


def tracer_of(key: str) -> Tracer | None:
    return _tracers.get(key.partition(":")[0])
