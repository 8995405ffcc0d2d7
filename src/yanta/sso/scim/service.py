"""Who may do what with a token, and who /Me is."""

from __future__ import annotations

from dataclasses import dataclass

from scim2_models import ForbiddenException, NotFoundException, ResourceType
from scim2_server.requests import ScimRequest
from scim2_server.routing import Operation, Target
from scim2_server.service import ScimService

from yanta.kernel.identity.models import Account
from yanta.sso.scim import schema
from yanta.sso.scim.models import Door

READ, WRITE = "scim.read", "scim.write"
_READING = (Operation.query, Operation.search, Operation.search_with_body)


@dataclass(frozen=True, slots=True)
class Subject:
    """An application with its scopes, or one of its people, who reads about nobody but oneself."""

    door: Door
    scopes: frozenset[str]
    account: Account | None = None


class Service(ScimService):
    """scim2-server's protocol with our rights."""

    def authorize(self, request: ScimRequest, target: Target, resource_type: ResourceType) -> None:
        subject: Subject = request.subject
        if subject.account is not None:
            if not target.me or target.operation is not Operation.query:
                raise ForbiddenException(detail="用个人的令牌只能读取 /Me")
            return
        needed = READ if target.operation in _READING else WRITE
        if needed not in subject.scopes and not (needed == READ and WRITE in subject.scopes):
            raise ForbiddenException(detail=f"令牌没有 {needed} 这个范围")

    def me_target(self, request: ScimRequest) -> tuple[ResourceType, str]:
        subject: Subject = request.subject
        if subject.account is None:
            raise NotFoundException(detail="这个令牌代表应用，不代表某个人")
        return self.get_resource_type("User"), str(subject.account.pk)

    def max_body_size(self, request: ScimRequest) -> int | None:
        found = super().max_body_size(request)
        return schema.BODY_BYTES if found is None else found


def made() -> Service:
    return Service(schema.provider())
