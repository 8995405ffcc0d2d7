"""Searches (RFC 4511 section 4.5) with pages (RFC 2696): whatever is asked, the database filters, sorts and cuts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone

from yanta.kernel.identity.models import Account
from yanta.sso.directory import groups, people
from yanta.sso.directory.columns import UnfitFilter
from yanta.sso.ldap import entries, names
from yanta.sso.ldap.binding import INSUFFICIENT_RIGHTS, Bound, Failure
from yanta.sso.scim import limits

NO_SUCH_OBJECT, ADMIN_LIMIT, SIZE_LIMIT, PROTOCOL_ERROR = 32, 11, 4, 2
PAGE_LONGEST = 500
PAGES = "1.2.840.113556.1.4.319"
STARTTLS, WHOAMI = "1.3.6.1.4.1.1466.20037", "1.3.6.1.4.1.4203.1.11.3"
BASE, ONE = 0, 1


@dataclass(frozen=True, slots=True)
class Asked:
    """One search; `page` is None without the control, else its size, and `cookie` where the last one ended."""

    dn: str
    scope: int
    filter: Any
    limit: int = 0
    page: int | None = None
    cookie: str = ""


@dataclass(slots=True)
class Found:
    """What to send: entries, the next cookie, and 4 where there was more than may be sent."""

    entries: list[entries.Entry]
    cookie: str = ""
    code: int = 0
    rows: int = 0


def root_entry(base: str) -> entries.Entry:
    """What anybody may read before binding (RFC 4512 section 5.1)."""
    return "", {
        "objectClass": ["top"], "namingContexts": [base], "supportedLDAPVersion": ["3"], "supportedControl": [PAGES],
        "supportedExtension": [STARTTLS, WHOAMI], "vendorName": ["Yanta"],
    }  # fmt: skip


def search(bound: Bound, asked: Asked, *, base: str) -> Found:
    """Raises `Failure`."""
    place = names.place_of(asked.dn, base=base)
    app = bound.door.application
    if place is None or place.application not in ("", app.code) or place.branch == "client":
        raise Failure(NO_SUCH_OBJECT, "名称不在本应用的目录中")
    if bound.account is None and not bound.door.may_search:
        raise Failure(INSUFFICIENT_RIGHTS, "这个应用只能验证密码，不能查询", rule="ldap.search")
    at = timezone.now()
    if limits.read(-app.pk, 0, at=at) > bound.door.rows_an_hour:
        raise Failure(
            ADMIN_LIMIT,
            f"每小时最多读取 {bound.door.rows_an_hour} 条",
            rule="ldap.rows",
            account=bound.account,
        )
    try:
        found = _Search(bound, asked, base, timezone.localdate()).run(place)
    except UnfitFilter as unfit:
        raise Failure(PROTOCOL_ERROR, str(unfit), rule="ldap.filter") from None
    limits.read(-app.pk, found.rows, at=at)
    return found


@dataclass(frozen=True)
class _Search:
    bound: Bound
    asked: Asked
    base: str
    on: date

    @property
    def most(self) -> int:
        """How many entries this answer may hold."""
        if self.asked.page is not None:
            return min(self.asked.page or PAGE_LONGEST, PAGE_LONGEST)
        door = self.bound.door.most_results
        return min(self.asked.limit or door, door)

    def run(self, place: names.Place) -> Found:
        made = Found([])
        kept = self.asked.cookie.partition(":")
        if not self.asked.cookie:
            made.entries += list(self._containers(place))
            if self.asked.page is None and len(made.entries) > self.most:
                return Found(made.entries[: self.most], code=SIZE_LIMIT)
        for branch in ("people", "groups"):
            if not self._covers(place, branch) or (kept[0] == "groups" and branch == "people"):
                continue
            after = kept[2] if kept[0] == branch else ""
            self._fill(made, place, branch, after)
            if made.cookie or made.code:
                break
        return made

    def _covers(self, place: names.Place, branch: str) -> bool:
        """Whether entries of this branch lie in the scope."""
        if place.leaf:
            return place.branch == branch and self.asked.scope != ONE
        if place.branch:
            return place.branch == branch and self.asked.scope != BASE
        return self.asked.scope not in (BASE, ONE)

    def _containers(self, place: names.Place) -> Iterator[entries.Entry]:
        """The nodes above people and groups, found only by a filter that every entry meets."""
        if not _meets_all(self.asked.filter) or place.leaf:
            return
        code = self.bound.door.application.code
        tree = [
            (names.Place(), self.base, ["top"]),
            (names.Place(code), f"o={code},{self.base}", ["top", "organization"]),
            (names.Place(code, "people"), f"ou=people,o={code},{self.base}", ["top", "organizationalUnit"]),
            (names.Place(code, "groups"), f"ou=groups,o={code},{self.base}", ["top", "organizationalUnit"]),
        ]
        depth = _depth(place)
        for node, dn, classes in tree:
            below = _depth(node) - depth
            inside = place.branch in ("", node.branch)
            wanted = {BASE: below == 0, ONE: below == 1}.get(self.asked.scope, below >= 0)
            if inside and wanted:
                kind, value = dn.partition(",")[0].split("=")
                yield dn, {"objectClass": classes, kind: [value]}

    def _fill(self, made: Found, place: names.Place, branch: str, after: str) -> None:
        room = max(self.most - len(made.entries), 0)
        rows = self._people(place, after) if branch == "people" else self._groups(place, after)
        page = list(rows[: room + 1])
        more, page = len(page) > room, page[:room]
        app = self.bound.door.application
        if branch == "people":
            made.entries += entries.person_entries(app, page, base=self.base, on=self.on)
            made.rows += len(page)
        else:
            told = entries.group_entries(
                app, [groups.group_of(row) for row in page], base=self.base, on=self.on
            )
            made.entries += told
            made.rows += sum(len(entry["member"]) for _, entry in told)
        if more and self.asked.page is None:
            made.code = SIZE_LIMIT
        elif more:
            last = (page[-1].pk if branch == "people" else page[-1][0]) if page else after
            made.cookie = f"{branch}:{last}"

    def _people(self, place: names.Place, after: str) -> Any:
        app = self.bound.door.application
        columns = entries.person_columns(app, base=self.base, on=self.on)
        condition = entries.Conditions(columns, entries.PERSON_CLASSES).of(self.asked.filter)
        rows = people.accounts_of(app, on=self.on).filter(state__in=people.LIVE)
        if place.leaf:
            rows = rows.filter(people.subject_column(app).where("eq", place.leaf))
        if self.bound.account is not None:
            rows = rows.filter(pk=self.bound.account.pk)
        if after.isdecimal():
            rows = rows.filter(pk__gt=int(after))
        found = Account.objects.filter(pk__in=rows.filter(condition).values("pk"))
        return people.with_people(found).order_by("pk")

    def _groups(self, place: names.Place, after: str) -> Any:
        app = self.bound.door.application
        columns = entries.group_columns(app, base=self.base, on=self.on)
        condition = entries.Conditions(columns, entries.GROUP_CLASSES).of(self.asked.filter)
        if place.leaf:
            condition &= Q(gid=place.leaf)
        if self.bound.account is not None:
            mine = groups.memberships(app, [self.bound.account.pk], on=self.on)
            condition &= Q(gid__in=mine.get(self.bound.account.pk, []))
        if after:
            condition &= Q(gid__gt=after)
        return groups.find(app, narrowed=lambda kind: condition)


def _depth(place: names.Place) -> int:
    return sum(1 for one in (place.application, place.branch, place.leaf) if one)


def _meets_all(node: Any) -> bool:
    present = getattr(node, "value", None)
    return type(node).__name__ == "LDAPFilter_present" and entries._text(present).lower() == "objectclass"
