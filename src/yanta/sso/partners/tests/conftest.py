"""A partner's server that answers in the process, and somebody of ours."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from yanta.kernel.identity.models import Account
from yanta.sso.applications.tests import factories as sso
from yanta.sso.partners import asking
from yanta.sso.partners.tests import factories as there
from yanta.sso.partners.tests.flows import PASSWORD
from yanta.sso.saml import keys


@pytest.fixture(autouse=True)
def _fresh():
    cache.clear()
    keys.forget()
    yield
    keys.forget()


@pytest.fixture
def server(monkeypatch) -> there.Server:
    made = there.Server()
    monkeypatch.setattr(asking, "ask", made)
    return made


@pytest.fixture
def goose() -> Account:
    account = sso.account(username="goose", name="鹅")
    account.set_password(PASSWORD)
    account.save()
    return account
