"""What the server says of itself (RFC 7643): users, groups, what can be written, what it supports."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Annotated, Any

from pydantic import Field
from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    ETag,
    Extension,
    Filter,
    Mutability,
    Patch,
    Reference,
    Required,
    Resource,
    ResourceType,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)

PAGE_LONGEST = 200
BULK_OPERATIONS, BULK_BYTES = 100, 1_048_576
BODY_BYTES = 262_144
Fact = Mutability.read_only


class Name(ComplexAttribute):
    formatted: Annotated[str | None, Fact] = None
    """The whole name; Chinese names are not cut into parts."""


class Email(ComplexAttribute):
    value: Annotated[str | None, CaseExact.false] = None
    """The one address that the school knows."""


class PhoneNumber(ComplexAttribute):
    value: Annotated[str | None, CaseExact.true] = None
    """The one telephone that the school knows."""


class GroupMembership(ComplexAttribute):
    value: Annotated[str | None, Fact, CaseExact.true] = None
    """The group's identifier."""
    ref: Annotated[Reference[Group] | None, Fact] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """The group's address."""
    display: Annotated[str | None, Fact] = None
    """The group's name."""


class Role(ComplexAttribute):
    value: Annotated[str | None, Fact, CaseExact.true] = None
    """The role's code."""
    display: Annotated[str | None, Fact] = None
    """The role as people read it."""


class Campus(Extension):
    """What master data says of the person, which nobody outside writes, and the application's own note."""

    __schema__ = URN("urn:yanta:params:scim:schemas:campus:2.0:User")

    person_number: Annotated[str | None, Fact, CaseExact.false] = None
    """The number that a person keeps for life."""
    latin_name: Annotated[str | None, Fact, CaseExact.false] = None
    """The name in Latin letters."""
    student_numbers: Annotated[list[str] | None, Fact, CaseExact.false] = None
    """Numbers of the enrolments in force."""
    staff_numbers: Annotated[list[str] | None, Fact, CaseExact.false] = None
    """Numbers of the employments in force."""
    unit_code: Annotated[str | None, Fact, CaseExact.false] = None
    """The code of the unit that the person belongs to."""
    unit_name: Annotated[str | None, Fact, CaseExact.false] = None
    """The name of that unit."""
    affiliations: Annotated[list[str] | None, Fact, CaseExact.false] = None
    """The words of eduPersonAffiliation."""
    note: Annotated[str | None, CaseExact.false] = None
    """What the application notes about the account; no other application reads it."""


class User(Resource[Any]):
    """A person's account."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[
        str | None, Required.true, Uniqueness.server, Mutability.immutable, CaseExact.false
    ] = None
    """What the person signs in with; never changed and never given to anybody else."""
    display_name: Annotated[str | None, Required.true, CaseExact.false] = None
    """The person's name."""
    name: Annotated[Name | None, Fact] = None
    """The name again, for clients that look here."""
    active: Annotated[bool | None, Required.true] = None
    """Whether the account may be used."""
    emails: list[Email] | None = None
    """At most one."""
    phone_numbers: list[PhoneNumber] | None = None
    """At most one."""
    groups: Annotated[list[GroupMembership] | None, Fact] = None
    """Units, classes, roles, and groups of the asking application."""
    roles: Annotated[list[Role] | None, Fact] = None
    """Roles in force."""


class Member(ComplexAttribute):
    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    """The user's identifier."""
    ref: Annotated[Reference[User] | None, Mutability.immutable] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """The user's address."""
    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])
    """Always User: groups hold no groups."""


class Group(Resource[Any]):
    """A unit, a class, a role, or a group that an application made for itself."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Required.true, CaseExact.false] = None
    """The group's name."""
    members: list[Member] | None = None
    """The accounts in it that the asking application sees."""


Person: Any = User[Campus]


@cache
def provider() -> ScimProvider:
    """Schemas, resource types and what is supported; the same for every application."""
    return ScimProvider(
        models=[User, Campus, Group],
        resource_types=[ResourceType.from_resource(Person), ResourceType.from_resource(Group)],
        config=ServiceProviderConfig(
            patch=Patch(supported=True),
            bulk=Bulk(supported=True, max_operations=BULK_OPERATIONS, max_payload_size=BULK_BYTES),
            filter=Filter(supported=True, max_results=PAGE_LONGEST),
            change_password=ChangePassword(supported=False),
            sort=Sort(supported=True),
            etag=ETag(supported=True),
            authentication_schemes=[
                AuthenticationScheme(
                    type=AuthenticationScheme.Type.oauthbearertoken, name="OAuth 2.0", primary=True,
                    description="Client credentials of a registered application, scope scim.read or scim.write",
                )
            ],
        ),
    )  # fmt: skip


def since(moment: datetime) -> datetime:
    """To the second, as everything that is compared."""
    return moment.replace(microsecond=0)
