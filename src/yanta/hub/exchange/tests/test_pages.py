"""What the page of a connection links, for whom."""

import pytest
from django.test import Client

from yanta.hub.exchange.tests.factories import DriftProposalFactory
from yanta.kernel.identity.models import Account

pytestmark = pytest.mark.django_db


def seen(actor, address):
    client = Client(headers={"Accept-Language": "zh-hans"})
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client.get(address).content.decode()


def test_only_what_the_reader_may_open_is_a_link(engineer, acting):
    change = DriftProposalFactory()
    page = f"/exchange/connections/{change.table.connection_id}/"
    links = f"/exchange/table/{change.table_id}/", f"/exchange/driftproposal/{change.pk}/"

    assert [link in seen(engineer, page) for link in links] == [True, True]
    assert [link in seen(acting("leader"), page) for link in links] == [False, False]
    assert change.table.name in seen(acting("leader"), page)
