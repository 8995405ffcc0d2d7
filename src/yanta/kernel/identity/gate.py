"""Which pages are open: all are closed unless they say so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_not_required

View = TypeVar("View", bound=Callable[..., Any])


def public_page(view: View) -> View:
    """Anybody may open this page without signing in."""
    return login_not_required(view)


def duty_page(view: View) -> View:
    """Open to whoever is signed in but still has to change the password or enrol a second factor."""
    view.open_during_duty = True  # type: ignore[attr-defined]
    return view


def is_public(view: Callable[..., Any]) -> bool:
    return not getattr(view, "login_required", True)


def is_open_during_duty(view: Callable[..., Any]) -> bool:
    return is_public(view) or getattr(view, "open_during_duty", False)
