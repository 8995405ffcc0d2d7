"""What Django and third-party doors ask when they want to know an account."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from yanta.kernel.base import Refused
from yanta.kernel.identity import signing_in
from yanta.kernel.identity.models import Account


class AccountBackend(BaseBackend):
    """Password check with lockout and log; rights are never asked here but of the actor."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> Account | None:
        if request is None or not username or not password:
            return None
        try:
            attempt = signing_in.attempt_of(request, login=username, password=password)
            return signing_in.account_by_password(attempt).account
        except Refused:
            return None

    def get_user(self, user_id: int) -> Account | None:
        found: Account | None = Account.objects.filter(pk=user_id, state=Account.State.ACTIVE).first()
        return found
