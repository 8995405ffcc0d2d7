"""Who may read a file: its owner, who reaches it by scope, and whom the file's purpose lets in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from yanta.kernel.base import Actor

if TYPE_CHECKING:
    from yanta.kernel.files.models import StoredFile

Provider = Callable[["StoredFile", Actor], bool]
_providers: dict[str, Provider] = {}


def readable(purpose: str) -> Callable[[Provider], Provider]:
    """`@readable("leave.evidence") def f(file, actor) -> bool` lets more people read files of this purpose."""

    def declare(provider: Provider) -> Provider:
        _providers[purpose] = provider
        return provider

    return declare


def is_own(file: StoredFile, actor: Actor) -> bool:
    mine = actor.person_id is not None and file.owner_id == actor.person_id
    return mine or (actor.account_id is not None and file.account_id == actor.account_id)


def may_read(file: StoredFile, actor: Actor) -> bool:
    if file.has_expired:
        return False
    if actor.is_system or is_own(file, actor):
        return True
    provider = _providers.get(file.purpose)
    if provider is not None and provider(file, actor):
        return True
    return bool(type(file).objects.visible_to(actor).filter(pk=file.pk).exists())
