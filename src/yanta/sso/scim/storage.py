"""Reading and writing for the SCIM service: facts are read, sponsored accounts and own groups are written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, cast

from django.db import transaction
from django.db.models import F, Q
from scim2_models import (
    InvalidValueException,
    MutabilityException,
    NotFoundException,
    NotImplementedException,
    PreconditionFailedException,
    ResourceType,
    ResponseParameters,
    SearchRequest,
)
from scim2_server.storage import ScimStorage, SearchPage

from yanta.kernel.identity.models import Account
from yanta.sso.directory import groups, people
from yanta.sso.scim import filters, rendering, schema, writing
from yanta.sso.scim.models import Door, Link

FACTS = "这是学籍、任职或组织机构产生的信息，由主数据决定，不能从外面修改"
_SORTED = {
    "id": "pk", "userName": "", "displayName": "name", "name.formatted": "name", "meta.created": "created_at",
    "meta.lastModified": "updated_at",
}  # fmt: skip
_GROUPS_SORTED = {
    "id": "gid",
    "displayName": "title",
    "meta.created": "made_at",
    "meta.lastModified": "changed_at",
}


class Storage(ScimStorage):
    """One application's view on one day; `rows` counts what was read."""

    def __init__(self, door: Door, *, on: date, told: frozenset[str] | None = None) -> None:
        self.door, self.app, self.on, self.told, self.rows = door, door.application, on, told, 0

    @contextmanager
    def operation(self) -> Iterator[None]:
        """Each operation by itself, so that one of a bulk request that fails leaves the others."""
        with transaction.atomic():
            yield

    # Reading

    def _accounts(self) -> Any:
        gone = Link.objects.filter(application=self.app, is_sponsored=True).exclude(ended_at=None)
        return people.accounts_of(self.app, on=self.on).exclude(pk__in=gone.values("account_id")) | Account.objects.filter(
            scim_links__application=self.app, scim_links__is_sponsored=True, scim_links__ended_at=None
        )  # fmt: skip

    def _account(self, key: str) -> Account:
        number = filters.number_of(key)
        pks = self._accounts().filter(pk=number).values("pk") if number else []
        found = people.with_people(Account.objects.filter(pk__in=pks)).first() if number else None
        if found is None:
            raise NotFoundException(detail=f"没有标识为 {key[:40]} 的人员，或它不对本应用开放")
        return found

    def _group(self, key: str) -> groups.Group:
        found = groups.one(self.app, key[:40])
        if found is None:
            raise NotFoundException(detail=f"没有标识为 {key[:40]} 的分组")
        own = filters.own_group(self.app, key)
        return groups.Group(found.key, found.title, found.made_at, found.changed_at, own.external_id) if own else found  # fmt: skip

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Any:
        if _is_user(resource_type):
            self.rows += 1
            accounts = [self._account(resource_id)]
            return rendering.users(self.app, accounts, on=self.on, told=self.told)[0]
        return self._rendered(self._group(resource_id), _wants(response_parameters, "members"))

    def _rendered(self, found: groups.Group, with_members: bool = True) -> Any:
        made = rendering.group(self.app, found, on=self.on, with_members=with_members)
        self.rows += 1 + len(made.members or ())
        return made

    def search(
        self, resource_types: list[ResourceType], search_request: SearchRequest[Any], *, position: Any = None
    ) -> SearchPage:
        """People first, then groups; counted and cut by the database."""
        if len(resource_types) > 1 and search_request.sort_by:
            raise NotImplementedException(detail="跨类型查询不能排序")
        found: list[Any] = []
        start, total = search_request.start_index_0 or 0, 0
        count = schema.PAGE_LONGEST if search_request.count is None else search_request.count
        for kind in resource_types:
            rows = self._users(search_request) if _is_user(kind) else self._groups(search_request)
            number = rows.count()
            left = max(0, count - len(found))
            begin = max(0, start - total)
            page = list(rows[begin : begin + left]) if left and begin < number else []
            found += self._page(kind, page, search_request)
            total += number
        return SearchPage(total, found)

    def _page(self, kind: ResourceType, page: list[Any], asked: SearchRequest[Any]) -> list[Any]:
        if _is_user(kind):
            self.rows += len(page)
            return rendering.users(
                self.app, page, on=self.on, with_groups=_wants(asked, "groups"), told=self.told
            )
        with_members = _wants(asked, "members")
        return [self._rendered(self._with_own_name(groups.group_of(row)), with_members) for row in page]

    def _with_own_name(self, found: groups.Group) -> groups.Group:
        return self._group(found.key) if found.is_own else found

    def _users(self, asked: SearchRequest[Any]) -> Any:
        condition = filters.compiled(asked.filter, schema.Person, filters.user_columns(self.app, on=self.on))
        accounts = Account.objects.filter(pk__in=self._accounts().filter(condition).values("pk"))
        order = _order(asked, {**_SORTED, "userName": people.subject_column(self.app).path})
        return people.with_people(accounts).order_by(*order, "pk")

    def _groups(self, asked: SearchRequest[Any]) -> Any:
        def narrowed(kind: str) -> Q:
            columns = filters.group_columns(self.app, kind, on=self.on)
            return filters.compiled(asked.filter, schema.Group, columns)

        return groups.find(self.app, narrowed=narrowed, order=(*_order(asked, _GROUPS_SORTED), "gid"))  # fmt: skip

    # Writing

    def create(self, resource_type: ResourceType, resource: Any) -> Any:
        if _is_user(resource_type):
            account = writing.open_account(self.door, resource, on=self.on)
            return self.get(resource_type, str(account.pk))
        made = writing.open_group(self.door, resource, self._members(resource))
        return self.get(resource_type, f"g{made.pk}")

    def update(
        self, resource_type: ResourceType, resource: Any, *, expected_version: str | None = None
    ) -> Any:
        key = str(resource.id)
        self._check_version(resource_type, key, expected_version)
        if _is_user(resource_type):
            account = self._account(key)
            link = self._sponsored(account)
            if link is not None:
                writing.change_account(link, resource)
            elif _differs(resource, self.get(resource_type, key)):
                raise MutabilityException(detail=FACTS)
            writing.name_account(self.door, account, resource)
            return self.get(resource_type, key)
        own = filters.own_group(self.app, key)
        if own is None:
            raise MutabilityException(detail=FACTS) if self._group(key) else NotFoundException()
        writing.change_group(own, resource, self._members(resource))
        return self.get(resource_type, key)

    def delete(
        self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None
    ) -> None:
        self._check_version(resource_type, resource_id, expected_version)
        if _is_user(resource_type):
            link = self._sponsored(self._account(resource_id))
            if link is None:
                raise MutabilityException(detail=FACTS)
            writing.end_account(link)
            return
        own = filters.own_group(self.app, resource_id)
        if own is None:
            raise MutabilityException(detail=FACTS) if self._group(resource_id) else NotFoundException()
        writing.end_group(own)

    def _check_version(self, kind: ResourceType, key: str, expected: str | None) -> None:
        """The row is locked first, so that of two writers with one version only the first gets through."""
        if _is_user(kind):
            Account.objects.select_for_update().filter(pk=filters.number_of(key) or 0).first()
        if expected is not None and self.get(kind, key).meta.version != expected:
            raise PreconditionFailedException

    def _sponsored(self, account: Account) -> Link | None:
        found: Link | None = Link.objects.filter(
            application=self.app, account=account, is_sponsored=True, ended_at=None
        ).first()
        return found

    def _members(self, resource: Any) -> list[int]:
        """Whom a group is to hold: accounts that the application sees."""
        wanted = [filters.number_of(one.value) for one in resource.members or () if one.value]
        known = set(
            self._accounts().filter(pk__in=[one for one in wanted if one]).values_list("pk", flat=True)
        )
        strange = [one for one in wanted if one not in known]
        if strange or len(wanted) != len(resource.members or ()):
            raise InvalidValueException(detail="成员须是本应用可见的人员")
        return sorted(cast("set[int]", set(wanted)))


def _is_user(kind: ResourceType) -> bool:
    return kind.name == "User"


def _wants(asked: Any, attribute: str) -> bool:
    """Whether the answer keeps an attribute that costs something to find."""
    if asked is None:
        return True
    kept = [str(one).lower().rpartition(":")[2] for one in asked.attributes or ()]
    left_out = [str(one).lower().rpartition(":")[2] for one in asked.excluded_attributes or ()]
    if kept:
        return any(one.partition(".")[0] == attribute for one in kept)
    return attribute not in left_out


def _order(asked: SearchRequest[Any], known: dict[str, str]) -> list[Any]:
    if not asked.sort_by:
        return []
    wanted = str(asked.sort_by)
    path = next((path for name, path in known.items() if name.lower() == wanted.lower()), None)
    if path is None:
        raise InvalidValueException(detail=f"不能按 {wanted} 排序，可用：{'、'.join(known)}")
    column = F(path)
    descending = asked.sort_order == SearchRequest.SortOrder.descending
    return [column.desc(nulls_last=True) if descending else column.asc(nulls_last=True)]


def _differs(wanted: Any, current: Any) -> bool:
    """Whether a resource brings anything new but its own name for it."""
    ours, theirs = (
        one.model_dump(exclude={"meta", "external_id", "groups", "roles", "schemas", "name"})
        for one in (wanted, current)
    )
    facts = ("userName", "displayName", "active", "emails", "phoneNumbers")
    return any(ours.get(name) != theirs.get(name) for name in facts)
