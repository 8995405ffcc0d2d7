"""What conditions and formulas hang on: that it has a value to compare, and that nothing hangs on itself in a circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yanta.systems.hall.rules.forms import Form, When
    from yanta.systems.hall.rules.formulas import Tree

VALUELESS = ("note", "file", "signature")


def faults_of(form: Form) -> list[str]:
    """One sentence each; nothing when every condition and formula can be decided."""
    kinds = {name: one for part in form.parts for name, one in part.named}
    needs = {name: list(found) for name, found in _needs(form)}
    said = [
        f"“{kinds[name].label}”：{kinds[used].label}是说明、附件或签名，不能作显示条件"
        for name, found in needs.items() for used in found if kinds[used].kind in VALUELESS
    ]  # fmt: skip
    circle = circle_in(needs)
    if circle:
        said.append(f"显示条件或公式绕成了一圈：{' → '.join(kinds[name].label for name in circle)}")
    return list(dict.fromkeys(said))


def _needs(form: Form) -> Iterator[tuple[str, tuple[str, ...]]]:
    for part in form.parts:
        for name, one in part.named:
            yield name, (*_tested(part.when), *_tested(one.when), *_used(one.tree, form))


def _tested(when: When | None) -> Iterator[str]:
    yield from (test.field for test in when.tests) if when else ()


def _used(tree: Tree, form: Form, *, counted: bool = False) -> Iterator[str]:
    """The fields of a formula; to count rows is to ask of each of them whether anything is in it."""
    if tree and tree[0] == "field":
        group = tree[1].partition(".")[0]
        rows = next((part for part in form.parts if part.name == group), None) if group else None
        whole = rows is not None and (counted or "." not in tree[1])
        yield from (name for name, _ in rows.named) if whole and rows else (tree[1],)
        return
    for one in tree:
        if isinstance(one, list):
            yield from _used(one, form, counted=tree[0] == "count")


def circle_in(needs: Mapping[str, list[str]]) -> list[str]:
    """The names of one circle, its first again at its end; empty when there is none."""
    done: set[str] = set()
    for start in needs:
        found = _walk(start, needs, done, [])
        if found:
            return found
    return []


def _walk(name: str, needs: Mapping[str, list[str]], done: set[str], path: list[str]) -> list[str]:
    if name in path:
        return [*path[path.index(name) :], name]
    if name in done:
        return []
    for next_ in needs.get(name, ()):
        found = _walk(next_, needs, done, [*path, name])
        if found:
            return found
    done.add(name)
    return []
