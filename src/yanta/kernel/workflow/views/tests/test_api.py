"""Other systems put and clear; programs read; everybody else is refused."""

import json

import pytest
from django.test import Client

from yanta.kernel.identity import tokens
from yanta.kernel.identity.models import Account, ApiToken
from yanta.kernel.people.models import Person
from yanta.kernel.testing.factories import AccountFactory
from yanta.kernel.workflow.models import OutsideTodo

pytestmark = pytest.mark.django_db
PUT = "/api/v1/todos/outside/"


@pytest.fixture
def program(db):
    """A client of a service account called `oa`."""
    from datetime import timedelta

    from django.utils import timezone

    def made(username="oa", scope=ApiToken.Scope.WRITE):
        account = Account.objects.filter(username=username).first() or AccountFactory.create(
            username=username, name="旧OA", person=None
        )
        _, secret = tokens.issue(
            account, name="x", scope=scope, valid_for=timedelta(days=1), at=timezone.now()
        )
        return Client(headers={"authorization": f"Bearer {secret}"})

    return made


def put(client, world, key="k1", **more):
    number = Person.objects.get(pk=world.id("甲")).number
    data = {"key": key, "person": number, "title": "签收公文", "link": "https://oa.example/1", **more}
    return client.post(PUT, json.dumps(data), content_type="application/json")


class TestOutside:
    def test_put_again_and_clear(self, world, program, page_of):
        client = program()
        assert put(client, world).status_code == 200
        assert put(client, world, title="签收公文（改）").status_code == 200
        assert OutsideTodo.objects.get().title == "签收公文（改）"
        assert "签收公文（改）" in page_of("甲").get("/todos/").content.decode()

        assert client.delete(f"{PUT}k1/").json() == {"cleared": 1}
        assert "签收公文" not in page_of("甲").get("/todos/").content.decode()
        assert client.delete(f"{PUT}k1/").json() == {"cleared": 0}

    def test_another_system_clears_only_its_own(self, world, program):
        put(program(), world)

        assert program("library").delete(f"{PUT}k1/").json() == {"cleared": 0}
        assert OutsideTodo.objects.get().cleared_at is None

    def test_a_person_puts_nothing_into_the_inboxes_of_others(self, world, page_of):
        assert put(page_of("乙"), world).status_code in (401, 403)
        assert not OutsideTodo.objects.exists()

    def test_nobody_without_a_key(self, world):
        assert put(Client(), world).status_code == 401

    def test_a_key_that_may_only_read_writes_nothing(self, world, program):
        assert put(program(scope=ApiToken.Scope.READ), world).status_code == 403

    @pytest.mark.parametrize(
        ("more", "status"),
        [
            ({"person": "nobody"}, 409), ({"link": "javascript:alert(1)"}, 409), ({"link": ""}, 409), ({"title": ""}, 422),
            ({"key": "a/b"}, 422), ({"due_at": "x"}, 422),
        ],
    )  # fmt: skip
    def test_what_makes_no_sense_is_refused(self, world, program, more, status):
        assert put(program(), world, **more).status_code == status
        assert not OutsideTodo.objects.exists()


class TestReading:
    def test_ones_own_todos(self, world, eight, page_of):
        instance = world.start()

        assert [one["title"] for one in page_of("甲").get("/api/v1/todos/").json()["todos"]] == [
            instance.title
        ]
        assert page_of("乙").get("/api/v1/todos/").json() == {"todos": [], "next": ""}

    def test_the_state_of_a_matter_for_those_in_it(self, world, eight, page_of):
        instance = world.approve(world.start(), "甲")
        address = f"/api/v1/workflow/matters/{instance.pk}/"
        found = page_of("申").get(address).json()

        assert found["waiting"] == "two：乙"
        assert [one["what"] for one in found["steps"]][-1] == "one：同意"
        assert page_of("癸").get(address).status_code == 404

    def test_both_are_in_the_document(self, engineer, as_actor):
        paths = as_actor(engineer).get("/api/v1/openapi.json").json()["paths"]

        assert {"/api/v1/todos/outside/", "/api/v1/todos/", "/api/v1/workflow/matters/{pk}/"} <= set(paths)
