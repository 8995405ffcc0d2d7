"""Somebody who is signed in."""

from __future__ import annotations

import pytest
from django.test import Client

from yanta.sso.applications.tests import factories as sso


@pytest.fixture
def someone(client: Client):
    account = sso.account(username="goose", name="鹅")
    client.force_login(account)
    return account
