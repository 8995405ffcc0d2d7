"""What the pages of a pipeline link, for whom."""

import pytest
from django.test import Client

from yanta.hub.pipelines.models import ReceiptCopy
from yanta.hub.pipelines.tests.factories import go, make_pipeline
from yanta.kernel.identity.models import Account

pytestmark = pytest.mark.django_db


def seen(actor, address):
    client = Client(headers={"Accept-Language": "zh-hans"})
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client.get(address).content.decode()


def test_what_stands_upstream_is_a_link_to_whom_it_is_shown(school, college, other_college, clerk, engineer):
    first, then = make_pipeline("first", unit=other_college), make_pipeline("then", unit=college)
    then.depends_on.add(first)

    assert "/pipelines/of/first/" in seen(engineer, "/pipelines/of/then/")
    assert "/pipelines/of/first/" not in seen(clerk, "/pipelines/of/then/")
    assert first.title in seen(clerk, "/pipelines/of/then/")


def test_the_other_sides_copy_and_what_was_held_back_are_no_links(
    source, college, other_college, clerk, acting
):
    run = go(make_pipeline(unit=college, receiver=other_college))
    page = f"/pipelines/runs/{run.pk}/"
    sides = ReceiptCopy.objects.order_by("unit__code")

    assert [f"/pipelines/receiptcopy/{one.pk}/" in seen(clerk, page) for one in sides] == [True, False]
    assert "/pipelines/heldrow/?" in seen(clerk, page)
    assert "/pipelines/heldrow/?" not in seen(acting("leader"), page)
