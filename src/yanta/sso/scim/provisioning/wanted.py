"""What a target should hold: by the application's access rules, its releases, and the facts of the day."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import orjson
from django.db.models import Q

from yanta.sso.applications import public as sso
from yanta.sso.directory import groups, people
from yanta.sso.scim import rendering
from yanta.sso.scim.models import Copy, Target

AT_ONCE = 500
KINDS = "ucr"
Wanted = tuple[str, str, dict[str, Any]]
User, Group = Copy.Noun.USER, Copy.Noun.GROUP


def digest_of(content: dict[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def users(target: Target, keys: Iterable[str], *, on: date) -> dict[str, Wanted]:
    """By our key: title and content of those who should be there and active; the others should not."""
    app = target.application
    numbers = [int(key) for key in keys]
    rows = people.accounts_of(app, on=on).filter(pk__in=numbers, state__in=people.LIVE)
    found = list(people.with_people(rows.order_by("pk")))
    made = rendering.users(app, found, on=on, with_groups=False)
    return {one.id: (User.value, one.display_name, _content(one)) for one in made}


def _content(user: Any) -> dict[str, Any]:
    """Without our identifiers: the target has its own, and ours is its external one."""
    told: dict[str, Any] = user.model_dump()
    for name in ("id", "meta", "groups", "externalId"):
        told.pop(name, None)
    return {**told, "externalId": user.id}


def group_contents(target: Target, keys: Iterable[str], *, on: date) -> dict[str, Wanted]:
    """Members by our keys; the wire puts the target's own in their place."""
    made: dict[str, Wanted] = {}
    app = target.application
    for key in keys:
        found = groups.one(app, key)
        if found is None or not target.with_groups:
            continue
        rows = groups.members_of(app, key, on=on).filter(state__in=people.LIVE).order_by("pk")
        members = [str(pk) for pk in rows.values_list("pk", flat=True)]
        if members:
            content = {"displayName": found.title, "externalId": key, "members": members}
            made[key] = (Group.value, found.title, content)
    return made


def contents(target: Target, noun: str, keys: Sequence[str], *, on: date) -> dict[str, Wanted]:
    return users(target, keys, on=on) if noun == User else group_contents(target, keys, on=on)


def everybody(app: sso.Application, *, on: date) -> Iterator[str]:
    rows = people.accounts_of(app, on=on).filter(state__in=people.LIVE).order_by("pk")
    yield from (str(pk) for pk in rows.values_list("pk", flat=True).iterator(chunk_size=2000))


def every_group(app: sso.Application) -> Iterator[str]:
    yield from (row[0] for row in groups.find(app, narrowed=lambda kind: Q(), kinds=KINDS))
