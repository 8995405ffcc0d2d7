"""A SCIM filter as one SQL condition (RFC 7644 section 3.4.2.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q
from scim2_models import InvalidFilterException, ScimFilter
from scim2_models.path import (
    AttrPath,
    Comparison,
    FilterNode,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
)

from yanta.sso.applications import public as sso
from yanta.sso.directory import groups, people
from yanta.sso.directory.columns import NOTHING, Column, UnfitFilter, where
from yanta.sso.scim.models import Link, OwnGroup

Columns = Mapping[str, Column | None]
LONGEST_FILTER = 2_000
DEEPEST = 30
# Where clients look for a value that we keep under another name.
_PLURAL = {
    "emails": "emails.value", "phone_numbers": "phone_numbers.value", "groups": "groups.value", "roles": "roles.value",
    "members": "members.value", "name": "name.formatted",
}  # fmt: skip


class Compiler(FilterVisitor[Q]):
    """One condition over the columns of one noun; what is unknown is refused, what is not told matches nothing."""

    def __init__(self, bound: ScimFilter[Any], columns: Columns) -> None:
        self.bound, self.columns, self.inside, self.depth = bound, columns, "", 0

    def visit(self, node: FilterNode) -> Q:
        self.depth += 1
        if self.depth > DEEPEST * 10:
            raise InvalidFilterException(detail="筛选条件太长")
        return super().visit(node)

    def _name(self, path: AttrPath, *, for_comparison: bool) -> str | None:
        if self.inside:
            return f"{self.inside}.{path.attr}"
        resolve = self.bound.resolve_comparison if for_comparison else self.bound.resolve
        found = resolve(path, strict=False)
        if found is None:
            return None
        name = f"{found.field_name}.{found.sub_field_name}" if found.sub_field_name else found.field_name
        return name if name in self.columns else _PLURAL.get(name, name)

    def _where(self, path: AttrPath, operator: str, value: Any) -> Q:
        name = self._name(path, for_comparison=operator != "pr")
        if name is None:
            return NOTHING
        try:
            return where(self.columns, name, operator, value)
        except UnfitFilter as unfit:
            raise InvalidFilterException(detail=f"{path}: {unfit}") from None

    def visit_comparison(self, node: Comparison) -> Q:
        return self._where(node.attr_path, node.op.value, node.value)

    def visit_present(self, node: Present) -> Q:
        return self._where(node.attr_path, "pr", None)

    def visit_not(self, node: Not) -> Q:
        return ~self.visit(node.expr)

    def visit_logical_expr(self, node: LogicalExpr) -> Q:
        first, *rest = [self.visit(term) for term in node.terms]
        for one in rest:
            first = first & one if node.op == LogicalOperator.and_ else first | one
        return first

    def visit_value_path(self, node: ValuePath) -> Q:
        """`emails[value co "x"]`: people have one of each, so the conditions meet in it."""
        found = self.bound.resolve(node.attr_path, strict=False)
        if found is None:
            return NOTHING
        self.inside, kept = found.field_name, self.inside
        try:
            return self.visit(node.val_filter)
        finally:
            self.inside = kept


def compiled(text: str | None, model: type[Any], columns: Columns) -> Q:
    """The condition; Q() where nothing is asked."""
    if not text:
        return Q()
    if len(text) > LONGEST_FILTER or text.count("(") + text.count("[") > DEEPEST:
        raise InvalidFilterException(detail="筛选条件太长或嵌套太深")
    bound = ScimFilter[model](str(text))  # type: ignore[valid-type]  # bound at run time
    return Compiler(bound, columns).visit(bound.ast)


def number_of(text: Any) -> int | None:
    return int(text) if str(text).isdecimal() and len(str(text)) < 18 else None


def user_columns(app: sso.Application, *, on: Any) -> Columns:
    """What can be asked about users, by the names of our schema."""
    told = people.told_columns(app, on=on)
    linked = Link.objects.filter(application=app, ended_at=None, account_id=OuterRef("pk"))
    live = Column("state", "flag", stored=lambda value: list(people.LIVE) if value else ["locked", "closed"])
    return {
        "id": Column("pk", "number", stored=number_of),
        "external_id": Column("external_id", "exact", lambda q: Q(Exists(linked.filter(q)))),
        "note": Column("note", "text", lambda q: Q(Exists(linked.filter(q)))),
        "user_name": people.subject_column(app), "display_name": told["name"], "name.formatted": told["name"],
        "active": live, "emails.value": told["email"], "phone_numbers.value": told["phone"], "roles.value": told["roles"],
        "groups.value": Column("pk", "number", stored=_members_of(app, on)),
        "person_number": told["number"], "latin_name": told["latin_name"], "student_numbers": told["student_number"],
        "staff_numbers": told["staff_number"], "unit_code": told["unit_code"], "unit_name": told["unit_name"],
        "affiliations": told["affiliation"], "meta.created": Column("created_at", "time"),
        "meta.last_modified": Column("updated_at", "time"),
    }  # fmt: skip


def _members_of(app: sso.Application, on: Any) -> Callable[[Any], list[int] | None]:
    """Accounts in a group; equality only, as with every set."""
    return lambda key: list(groups.members_of(app, str(key)[:40], on=on).values_list("pk", flat=True)) or None


def group_columns(app: sso.Application, kind: str, *, on: Any) -> Columns:
    """What can be asked about groups of one kind, on the columns that all kinds share."""
    return {
        "id": Column("gid", "exact"), "display_name": Column("title"),
        "external_id": Column("external_id", "exact") if kind == "g" else None,
        "members.value": Column("gid", "exact", stored=_groups_of(app, on)),
        "meta.created": Column("made_at", "time"), "meta.last_modified": Column("changed_at", "time"),
    }  # fmt: skip


def _groups_of(app: sso.Application, on: Any) -> Callable[[Any], list[str] | None]:
    def stored(value: Any) -> list[str] | None:
        number = number_of(value)
        if number is None or not people.accounts_of(app, on=on).filter(pk=number).exists():
            return None
        return groups.memberships(app, [number], on=on).get(number) or None

    return stored


def own_group(app: sso.Application, key: str) -> OwnGroup | None:
    number = number_of(key[1:]) if key.startswith("g") else None
    return OwnGroup.objects.filter(application=app, pk=number).first() if number else None
