import pytest
from django.db import DatabaseError, IntegrityError, transaction

from yanta.kernel.identity.models import Account, SignIn, SpentName
from yanta.kernel.identity.tests import factories

pytestmark = pytest.mark.django_db


def test_a_name_that_somebody_gave_up_is_nobody_elses():
    account = factories.account(username="goose")
    Account.objects.filter(pk=account.pk).update(username="goose2")
    with pytest.raises(IntegrityError, match="never given to a second account"), transaction.atomic():
        factories.account(username="Goose")
    Account.objects.filter(pk=account.pk).update(username="goose")
    assert set(SpentName.objects.filter(account=account).values_list("name", flat=True)) == {
        "goose",
        "goose2",
    }


def test_a_spent_name_is_never_taken_from_the_list():
    factories.account(username="tower")
    with pytest.raises(DatabaseError), transaction.atomic():
        SpentName.objects.all().delete()


def test_the_log_of_the_last_half_year_is_neither_changed_nor_deleted(client):
    client.post("/sign-in/", {"login": "nobody", "password": "x"})
    for act in (lambda: SignIn.objects.update(outcome="success"), lambda: SignIn.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    assert SignIn.objects.get().outcome == "unknown"
