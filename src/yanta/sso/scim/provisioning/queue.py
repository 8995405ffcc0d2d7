"""The queue: notes of the database become copies that wait; each is sent until the target has it or somebody must help."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.utils import timezone

from yanta.sso.applications import public as sso
from yanta.sso.applications.models import Decision
from yanta.sso.directory import groups
from yanta.sso.scim.models import Change, Copy, Target
from yanta.sso.scim.provisioning import wanted
from yanta.sso.scim.provisioning.wires import Line, Trouble, line_to

BATCH = 200
NOTES = 5_000
# Seconds until the next attempt; after the last the copy has failed and waits for a person.
PAUSES = (5, 30, 180, 900, 3600, 14_400)
# A worker that dies while it sends leaves the copy to the next after this time.
LEASE = timedelta(minutes=5)
State, Noun = Copy.State, Copy.Noun


def note_groups(target: Target, accounts: Iterable[int]) -> set[str]:
    """Groups that these accounts are in now; those they were in are found by what was told last."""
    on = timezone.localdate()
    found = groups.memberships(target.application, list(accounts), on=on)
    return {key for keys in found.values() for key in keys if key[0] in wanted.KINDS}


def take_notes() -> int:
    """Turn what the database noted into copies that wait, for every target; returns how many notes.

    A negative number is a target, of which everything is compared anew.
    """
    with transaction.atomic():
        rows = dict(
            Change.objects.select_for_update(skip_locked=True)
            .order_by("pk")
            .values_list("pk", "account_id")[:NOTES]
        )
        if not rows:
            return 0
        accounts = {one for one in rows.values() if one > 0}
        anew = {-one for one in rows.values() if one < 0}
        for target in _targets():
            if target.pk in anew:
                fill(target)
            enqueue(target, Noun.USER, {str(pk) for pk in accounts})
            if target.with_groups:
                enqueue(target, Noun.GROUP, note_groups(target, accounts) | _groups_told_of(target, accounts))
        Change.objects.filter(pk__in=rows).delete()
    return len(rows)


def fill(target: Target) -> int:
    """Whoever should be there and whoever is waits: rules, releases or the target itself changed."""
    on, known = timezone.localdate(), Copy.objects.filter(target=target).exclude(remote_id="")
    kept = {noun: set(known.filter(noun=noun).values_list("key", flat=True)) for noun in Noun.values}
    waiting = enqueue(target, Noun.USER, kept[Noun.USER] | set(wanted.everybody(target.application, on=on)))
    every = set(wanted.every_group(target.application)) if target.with_groups else set()
    return waiting + enqueue(target, Noun.GROUP, kept[Noun.GROUP] | every)


def _targets() -> Any:
    rows = Target.objects.filter(is_on=True, application__state=sso.Application.State.ACTIVE)
    return rows.select_related("application__owner")


def _groups_told_of(target: Target, accounts: set[int]) -> set[str]:
    """Where they were told to be; `said` of a user's copy keeps the groups."""
    kept = Copy.objects.filter(target=target, noun=Noun.USER, key__in=[str(one) for one in accounts])
    return {key for keys in kept.values_list("groups", flat=True) for key in keys or ()}


def enqueue(target: Target, noun: str, keys: Iterable[str]) -> int:
    """These wait from now on; whoever waits already, waits once."""
    now = timezone.now()
    rows = [Copy(target=target, noun=noun, key=key, state=State.WAITING, due_at=now) for key in sorted(keys)]
    Copy.objects.bulk_create(
        rows, batch_size=1000, update_conflicts=True, unique_fields=["target", "noun", "key"],
        update_fields=["state", "due_at", "attempts", "updated_at"],
    )  # fmt: skip
    return len(rows)


def send_due() -> int:
    """Send what is due, people before the groups that they are in; returns how many copies were tried."""
    sent = 0
    while batch := _claimed():
        for (target, noun), copies in batch.items():
            _send(target, noun, copies)
            sent += len(copies)
    return sent


def _claimed() -> dict[tuple[Target, str], list[Copy]]:
    now = timezone.now()
    with transaction.atomic():
        due = Copy.objects.filter(state=State.WAITING, due_at__lte=now, target__is_on=True)
        first = Case(When(noun=Noun.USER, then=Value(0)), default=Value(1))
        claimed = due.select_for_update(skip_locked=True, of=("self",)).order_by(first, "due_at")
        keys = list(claimed.values_list("pk", flat=True)[:BATCH])
        Copy.objects.filter(pk__in=keys).update(due_at=now + LEASE, attempts=F("attempts") + 1)
    found: dict[tuple[Target, str], list[Copy]] = defaultdict(list)
    rows = Copy.objects.filter(pk__in=keys).select_related("target__application__owner").order_by(first, "pk")
    for copy in rows:
        found[copy.target, copy.noun].append(copy)
    return found


def _send(target: Target, noun: str, copies: list[Copy]) -> None:
    try:
        with line_to(target) as line:
            contents = wanted.contents(target, noun, [one.key for one in copies], on=timezone.localdate())
            member_of = _memberships(target, copies) if noun == Noun.USER else {}
            for copy in copies:
                tell(line, copy, contents.get(copy.key), groups_now=member_of.get(copy.key))
    except Trouble as trouble:
        for copy in copies:
            if copy.state == State.WAITING and copy.due_at is not None:
                _failed(copy, trouble)


def _memberships(target: Target, copies: list[Copy]) -> dict[str, list[str]]:
    found = groups.memberships(target.application, [int(one.key) for one in copies], on=timezone.localdate())
    return {str(pk): [key for key in keys if key[0] in wanted.KINDS] for pk, keys in found.items()}


def tell(line: Line, copy: Copy, want: wanted.Wanted | None, *, groups_now: list[str] | None = None, anew: bool = False) -> str:  # fmt: skip
    """Bring one copy into step: `new`, `changed`, `unchanged`, `ended` or `failed`. With `anew` even if it was told."""
    try:
        outcome, said = _told(line, copy, want, anew=anew)
    except Trouble as trouble:
        _failed(copy, trouble)
        return "failed"
    copy.attempts, copy.said, copy.told_at = 0, said, timezone.now()
    copy.groups = groups_now or [] if want else []
    _settle(copy, State.CURRENT if want else State.GONE)
    if outcome != "unchanged":
        _log(copy, Decision.Outcome.GRANTED, said)
    return outcome


def _settle(copy: Copy, state: str) -> None:
    """It waits no more, unless it changed again while it was being sent."""
    with transaction.atomic():
        kept = Copy.objects.select_for_update().filter(pk=copy.pk).values_list("state", "due_at").first()
        if kept is None or kept[1] == copy.due_at:
            kept = (state, None)
        copy.state, copy.due_at = kept
        copy.save()


def _told(line: Line, copy: Copy, want: wanted.Wanted | None, *, anew: bool) -> tuple[str, str]:
    if want is None:
        if not copy.remote_id:
            return "unchanged", "不在范围内，对方没有"
        delete = copy.noun == Noun.GROUP or Target.Leaving.DELETE in (
            copy.target.leaving,
            _always(copy.target),
        )
        if copy.digest == "" and not anew:
            return "unchanged", copy.said
        line.end(copy.noun, copy.key, copy.remote_id, delete=delete)
        copy.digest = ""
        copy.remote_id = "" if delete else copy.remote_id
        return "ended", "已不在范围内：对方已删除" if delete else "已不在范围内：对方已停用"
    copy.title, sent = want[1][:100], sent_of(copy, want)
    digest = wanted.digest_of(sent)
    if digest == copy.digest and copy.remote_id and not anew:
        return "unchanged", "内容没有变化"
    was_there = bool(copy.remote_id)
    copy.remote_id = line.put(copy.noun, copy.key, copy.remote_id, sent)
    copy.digest = digest
    if was_there:
        return "changed", "对方的内容被改过，已改回" if anew else "已更新"
    return "new", "已新增"


def _always(target: Target) -> str:
    """A directory entry cannot be switched off: without a password it opens nothing, and it is removed."""
    return Target.Leaving.DELETE if target.wire == Target.Wire.OPENLDAP else ""


def sent_of(copy: Copy, want: wanted.Wanted) -> dict[str, Any]:
    """What goes over the wire: members by the target's own identifiers."""
    content = want[2]
    return content if copy.noun == Noun.USER else {**content, "members": _remote_members(copy, content)}


def _remote_members(copy: Copy, content: dict[str, Any]) -> list[str]:
    """The target's own identifiers; who is not there yet comes with the next telling."""
    rows = Copy.objects.filter(target=copy.target, noun=Noun.USER, key__in=content["members"])
    return sorted(rows.exclude(remote_id="").values_list("remote_id", flat=True))


def _failed(copy: Copy, trouble: Trouble) -> None:
    said = str(trouble)[:300]
    over = trouble.lasting or copy.attempts > len(PAUSES)
    pause = PAUSES[min(max(copy.attempts - 1, 0), len(PAUSES) - 1)]
    copy.state = State.FAILED if over else State.WAITING
    copy.due_at = None if over else timezone.now() + timedelta(seconds=pause)
    copy.said = said
    copy.save(update_fields=["state", "due_at", "said", "updated_at"])
    _log(copy, Decision.Outcome.FAILED, said)


def _log(copy: Copy, outcome: str, said: str) -> None:
    """In the registry's log, with whom it was about."""
    account_id = int(copy.key) if copy.noun == Noun.USER else None
    Decision.objects.create(
        at=timezone.now(), protocol="scim", step=f"tell_{copy.noun}", outcome=outcome, account_id=account_id,
        application=copy.target.application, reason=f"{copy.title or copy.key}：{said}"[:300], service=copy.target.url,
    )  # fmt: skip
