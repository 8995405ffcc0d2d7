"""The register of triggers refuses what the library's own refuses."""

import pgtrigger
import pytest
from django.contrib.contenttypes.models import ContentType
from pgtrigger import registry

from yanta.kernel.base.triggers import Indexed


@pytest.fixture
def register(monkeypatch):
    kept = Indexed({})
    monkeypatch.setattr(registry, "_registry", kept)
    monkeypatch.setattr(ContentType._meta, "triggers", [], raising=False)
    monkeypatch.setitem(ContentType._meta.original_attrs, "triggers", [])
    return kept


def protect(name, operation=pgtrigger.Delete):
    return pgtrigger.Protect(name=name, operation=operation)


def test_everything_declared_stands_in_it():
    kept = registry._registry

    assert isinstance(kept, Indexed)
    assert len(kept) == len(kept.by_db_table) == len(kept.pg_function_names) > 100


def test_the_same_trigger_may_be_named_again(register):
    trigger = protect("kept")
    trigger.register(ContentType)
    trigger.register(ContentType)

    assert len(register) == 1


def test_another_trigger_of_that_name_is_refused(register):
    protect("kept").register(ContentType)

    with pytest.raises(KeyError, match="already"):
        protect("kept", pgtrigger.Update).register(ContentType)


def test_what_was_taken_away_may_come_again(register):
    protect("kept").register(ContentType)
    registry.delete(f"{ContentType._meta.label}:kept")

    protect("kept", pgtrigger.Update).register(ContentType)

    assert len(register) == len(register.by_db_table) == len(register.pg_function_names) == 1
