"""What the API promises in OpenAPI, held against what it answers to made-up requests, right ones and wrong ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from yanta.config.wsgi import application
from yanta.kernel.access import actors, roles
from yanta.kernel.identity import tokens
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.resource import resources
from yanta.kernel.testing.factories import AccountFactory, OrgUnitFactory, PersonFactory, RoleGrantFactory
from yanta.kernel.testing.rows import RowMaker

DOCUMENT = "/api/v1/openapi.json"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
READS, WRITES = {"get"}, {"post", "patch", "put", "delete"}


class Caller:
    """A program with every right, and a row of every noun to name."""

    def __init__(self) -> None:
        school = OrgUnitFactory(name="接口学校", kind="school")
        account = AccountFactory(person=PersonFactory(home_unit=school))
        RoleGrantFactory(account=account, role="probe", org_unit=None)
        account.refresh_from_db()
        _, secret = tokens.issue(
            account, name="schemathesis", scope="write", valid_for=timedelta(days=1), at=timezone.now()
        )
        self.headers = {"Authorization": f"Bearer {secret}"}
        maker = RowMaker(person=lambda unit: PersonFactory(home_unit=unit))
        self.keys = {one.base_url: self._row(maker, one.model, school).pk for one in resources()}

    def _row(self, maker: RowMaker, model: Any, school: OrgUnit) -> Any:
        return maker.make(model, OrgUnitFactory(parent=school))

    def key_for(self, path: str) -> int:
        return next((key for url, key in self.keys.items() if path.startswith(f"/api/v1{url}")), 1)


@pytest.fixture
def caller(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Caller]:
    monkeypatch.setitem(roles.ROLES, "probe", roles.Role("probe", "probe", "school"))
    monkeypatch.setitem(roles._permissions, "probe", set(roles.every_permission()))
    actors._grants.cache_clear()
    # As Django's own test client does: the test's connection outlives the requests.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield Caller()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
    actors._grants.cache_clear()


def faults(caller: Caller, methods: set[str], *, mode: GenerationMode, examples: int) -> str:
    """Every operation with these methods, each failure in a line."""
    document = schemathesis.openapi.from_wsgi(DOCUMENT, application, headers=caller.headers)
    operations = [found.ok() for found in document.get_all_operations()]
    wanted = [one for one in operations if one.method.lower() in methods]
    assert wanted
    found = []
    for operation in wanted:
        try:
            try_out(caller, operation, mode=mode, examples=examples)
        except Unsatisfiable:
            continue  # nothing can be wrong about a request without parameters
        except (Exception, BaseExceptionGroup) as error:
            found.append(f"{operation.label}: {said(error)}")
    return "\n".join(found)


def try_out(caller: Caller, operation: Any, *, mode: GenerationMode, examples: int) -> None:
    @settings(
        max_examples=examples, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode), named=st.integers(0, 3))
    def answers(case: Case, named: int) -> None:
        if "pk" in case.path_parameters and named:
            case.path_parameters["pk"] = caller.key_for(operation.full_path)
        with transaction.atomic():
            response = case.call(headers=caller.headers)
            transaction.set_rollback(True)
        case.validate_response(response, checks=CHECKS)

    answers()


def said(error: BaseException) -> str:
    inner = [said(one) for one in getattr(error, "exceptions", ())]
    return "; ".join(inner) or f"{type(error).__name__} {error}"[:1500]


@pytest.mark.parametrize("methods", [READS, WRITES], ids=["reading", "writing"])
def test_what_the_document_allows_is_answered_as_promised(caller: Caller, methods: set[str]) -> None:
    assert faults(caller, methods, mode=GenerationMode.POSITIVE, examples=6) == ""


@pytest.mark.parametrize("methods", [READS, WRITES], ids=["reading", "writing"])
def test_what_no_document_allows_is_refused_in_order(caller: Caller, methods: set[str]) -> None:
    assert faults(caller, methods, mode=GenerationMode.NEGATIVE, examples=3) == ""
