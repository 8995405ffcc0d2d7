"""What a client may ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oauth2_provider.scopes import BaseScopes

from yanta.sso.applications.catalogue import SCOPES
from yanta.sso.oidc.rules import MACHINE_SCOPE

# Scopes of a program's own that other doors bring: what they open, and which client may ask for them.
_machine: dict[str, tuple[str, Callable[[Any], bool]]] = {}


def machine_scope(code: str, title: str, may_ask: Callable[[Any], bool]) -> None:
    """Declare a scope for client credentials; `may_ask(client)` is asked at every token."""
    _machine[code] = (title, may_ask)


def _machine_scopes_of(client: Any) -> list[str]:
    return [MACHINE_SCOPE, *(code for code, (_, may_ask) in _machine.items() if client and may_ask(client))]


class Scopes(BaseScopes):
    """People's scopes for a client that acts for people, one of its own for a client that acts for itself."""

    def get_all_scopes(self) -> dict[str, str]:
        return {
            **SCOPES,
            MACHINE_SCOPE: "以应用自己的身份",
            **{code: title for code, (title, _) in _machine.items()},
        }

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        if request is not None and getattr(request, "grant_type", "") == "client_credentials":
            return _machine_scopes_of(application)
        return application.scopes.split() if application is not None else list(SCOPES)

    def get_default_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        if request is not None and getattr(request, "grant_type", "") == "client_credentials":
            return [MACHINE_SCOPE]
        return ["openid"]
