"""The world of the engine's tests, seen through the pages."""

import pytest
from django.test import Client

from yanta.kernel.identity.models import Account
from yanta.kernel.workflow.tests.conftest import (  # noqa: F401 - fixtures
    _declared_for_one_test,
    drawn,
    eight,
    world,
)


@pytest.fixture
def page_of(world):  # noqa: F811 - the fixture
    """`page_of("甲")`: a browser in which this person is signed in."""

    def made(letter):
        client = Client()
        client.force_login(Account.objects.get(pk=world.person(letter).account_id))
        return client

    return made


@pytest.fixture
def as_actor():
    def made(actor):
        client = Client()
        client.force_login(Account.objects.get(pk=actor.account_id))
        return client

    return made
