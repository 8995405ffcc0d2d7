"""A full comparison of what a target should hold with what it holds; the receipt's numbers add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from django.utils import timezone

from yanta.sso.scim.models import Copy, Reconciliation, Target
from yanta.sso.scim.provisioning import wanted
from yanta.sso.scim.provisioning.queue import sent_of, tell
from yanta.sso.scim.provisioning.wires import Line, Trouble, line_to

Noun = Copy.Noun
Step = Callable[[int, int, str], None]


def reconcile(target: Target, *, report: Step = lambda done, total, said: None) -> Reconciliation:
    """Everything is read from the target; what differs is put right. What we never sent is counted and left alone."""
    began, counted, foreign = timezone.now(), Counter[str](), 0
    with line_to(target) as line:
        for noun in [Noun.USER, Noun.GROUP] if target.with_groups else [Noun.USER]:
            found, strange = _compared(line, target, noun, report)
            counted += found
            foreign += strange
    return Reconciliation.objects.create(
        target=target, began_at=began, ended_at=timezone.now(), read=counted.total(), foreign=foreign,
        **{name: counted[name] for name in ("new", "changed", "unchanged", "ended", "failed")},
    )  # fmt: skip


def _keys(target: Target, noun: str) -> list[str]:
    on = timezone.localdate()
    should = wanted.everybody(target.application, on=on) if noun == Noun.USER else wanted.every_group(target.application)  # fmt: skip
    kept = Copy.objects.filter(target=target, noun=noun).exclude(remote_id="").values_list("key", flat=True)
    return sorted({*should, *kept})


def _compared(line: Line, target: Target, noun: str, report: Step) -> tuple[Counter[str], int]:
    there = dict(line.held(noun))
    keys, counted = _keys(target, noun), Counter[str]()
    known = {one.key: one for one in Copy.objects.filter(target=target, noun=noun)}
    by_key = {str(content.get("externalId", "")): remote for remote, content in there.items()}
    for start in range(0, len(keys), wanted.AT_ONCE):
        part = keys[start : start + wanted.AT_ONCE]
        contents = wanted.contents(target, noun, part, on=timezone.localdate())
        for key in part:
            copy = known.get(key) or Copy(target=target, noun=noun, key=key)
            if key not in contents and not copy.remote_id:
                continue
            counted[_put_right(line, copy, contents.get(key), there, by_key)] += 1
        report(start + len(part), len(keys), noun)
    ours = set(Copy.objects.filter(target=target, noun=noun).values_list("remote_id", flat=True))
    return counted, len(set(there) - ours)


def _put_right(line: Line, copy: Copy, want: wanted.Wanted | None, there: dict[str, dict[str, object]], by_key: dict[str, str]) -> str:  # fmt: skip
    """What vanished is created again, what was changed there is replaced."""
    if copy.remote_id and copy.remote_id not in there:
        copy.remote_id = copy.digest = ""
    if not copy.remote_id and copy.key in by_key:
        copy.remote_id = by_key[copy.key]
    if want is None and not copy.remote_id:
        return _gone(copy)
    held = there.get(copy.remote_id, {})
    differs = want is not None and bool(held) and line.differs(copy.noun, held, sent_of(copy, want))
    still_there = want is None and held.get("active") is not False
    try:
        return tell(line, copy, want, anew=differs or still_there)
    except Trouble:
        return "failed"


def _gone(copy: Copy) -> str:
    copy.state, copy.said, copy.due_at = Copy.State.GONE, "对方已经没有", None
    copy.save()
    return "ended"
