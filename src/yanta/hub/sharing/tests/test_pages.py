"""Who may look at what, and what the pages answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from yanta.hub import events as hub
from yanta.hub.lineage import public as lineage
from yanta.hub.sharing import entries, handlers, queries
from yanta.hub.sharing.lineage import shared
from yanta.hub.sharing.models import Application, Dataset, Grant, ReadEntry
from yanta.kernel.identity.models import Account
from yanta.kernel.testing.factories import RoleGrantFactory

pytestmark = pytest.mark.django_db


def browser(actor) -> Client:
    client = Client(headers={"Accept-Language": "zh-hans"})
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


@pytest.fixture
def grant(world):
    return world.grant()


@pytest.fixture
def read(world, grant):
    """The library read the first three students, once."""
    some = world.students[:3]
    return entries.note(
        grant, entries.Reading("rest", grant.names, [one.pk for one in some], [one.person_id for one in some])
    )


class TestWhoLooks:
    @pytest.mark.parametrize(
        ("role", "catalogue", "drafting", "log"),
        [
            ("student", 403, 403, 403), ("teacher", 200, 403, 403), ("counsellor", 200, 403, 403), ("clerk", 200, 200, 200),
            ("head", 200, 200, 200), ("engineer", 200, 403, 403), ("auditor", 200, 403, 200), ("leader", 200, 403, 403),
        ],
    )  # fmt: skip
    def test_each_role_reaches_what_it_needs(self, world, acting, grant, role, catalogue, drafting, log):
        client = browser(acting(role, world.college))
        pages = {
            "/sharing/datasets/": catalogue, "/sharing/datasets/students/": catalogue, f"/sharing/grants/{grant.pk}/": catalogue,
            "/sharing/usage/": catalogue, "/sharing/datasets/new/": drafting, "/sharing/reads/": log,
            "/sharing/leaks/": log, "/me/reads/": 200,
        }  # fmt: skip
        assert {page: client.get(page).status_code for page in pages} == pages

    def test_an_application_is_for_those_it_concerns(self, world, acting, grant):
        page = f"/sharing/applications/{grant.application_id}/"
        concerned = (world.registrar, world.hr, world.librarian, acting("auditor"))
        assert [browser(one).get(page).status_code for one in concerned] == [200] * 4
        assert browser(acting("clerk", world.college)).get(page).status_code == 404

    def test_a_draft_is_for_those_who_make_it_and_those_who_are_asked(self, world, acting):
        from yanta.hub.sharing.services import catalogue

        made = catalogue.draft(
            actor=world.registrar, code="draft", title="x", subject="student", fields="number,name", meaning="x",
            owner=world.registry,
        )  # fmt: skip
        page = "/sharing/datasets/draft/"
        assert browser(world.hr).get(page).status_code == 404
        catalogue.ask(made, actor=world.registrar)
        assert browser(world.hr).get(page).status_code == 200
        assert browser(acting("clerk", world.college)).get(page).status_code == 404
        assert browser(world.hr).get(f"{page}edit/").status_code == 409

    def test_the_contract_shows_nobody(self, world, grant):
        shown = browser(world.librarian).get("/sharing/datasets/students/").content.decode()
        assert "学＊＊　学＊＊　学＊＊" in shown
        assert "S＊　S＊　S＊" in shown
        assert not any(one.person.name in shown for one in world.students)
        assert "1390000" not in shown

    def test_a_file_is_for_the_consumer_alone(self, world, grant, engineer):
        from yanta.hub.sharing.delivery import files
        from yanta.kernel.jobs import Progress

        delivery = files.produce(files.ask(grant, "csv", asked_by="x"), Progress())
        page = f"/sharing/files/{delivery.pk}/"
        assert browser(world.librarian).get(page).status_code == 200
        assert [browser(one).get(page).status_code for one in (engineer, world.registrar)] == [403, 403]

    def test_the_secret_is_told_on_the_answer_and_never_again(self, world, grant):
        client = browser(world.librarian)
        answer = client.post(f"/sharing/grants/{grant.pk}/", {"do": "key"})
        grant.refresh_from_db()
        assert grant.key_id in answer.content.decode()
        assert "只显示这一次" in answer.content.decode()
        assert "只显示这一次" not in client.get(f"/sharing/grants/{grant.pk}/").content.decode()
        assert browser(world.registrar).post(f"/sharing/grants/{grant.pk}/", {"do": "key"}).status_code == 422


class TestForms:
    def test_from_the_form_to_the_application(self, world):
        dataset, consumer = world.dataset(), world.consumer()
        today = timezone.localdate()
        answer = browser(world.librarian).post(
            f"/sharing/datasets/{dataset.code}/apply/",
            {
                "consumer": consumer.pk, "purpose": "办证", "fields": ["number", "name"], "valid_from": today,
                "valid_to": today + timedelta(days=30), "per_minute": "60", "rows_per_day": "1,000", "ways": ["rest"],
                "where_0": "grade", "is_0": "in", "value_0": "2023，2024",
            },
        )  # fmt: skip
        made = Application.objects.get()
        assert answer["Location"] == f"/sharing/applications/{made.pk}/"
        assert made.condition == {"field": "grade", "is": "in", "value": ["2023", "2024"]}
        assert (made.names, made.rows_per_day) == (["number", "name"], 1000)

    def test_a_decision_strikes_what_is_unticked(self, world):
        made = world.application(world.dataset(), world.consumer(), fields="number,grade,name")
        page = f"/sharing/applications/{made.pk}/"
        own = made.decisions.get(unit=world.registry)
        browser(world.registrar).post(page, {"decision": own.pk, "do": "approve", "fields": ["number"]})
        other = made.decisions.get(unit=world.personnel)
        answer = browser(world.registrar).post(
            page, {"decision": other.pk, "do": "approve", "fields": ["name"]}
        )
        assert answer.status_code == 422
        browser(world.hr).post(page, {"decision": other.pk, "do": "approve", "fields": ["name"]})
        assert Grant.objects.get().names == ["number", "name"]


class TestLog:
    def test_answers_by_person(self, world, read, auditor):
        def persons(number):
            found = queries.persons_called(number)
            return queries.Asked(persons=tuple(one.pk for one in found))

        assert list(queries.log(auditor, persons("S0"))) == [read]
        assert list(queries.log(auditor, persons("S4"))) == []
        assert "门禁系统" in browser(auditor).get("/sharing/reads/?person=S0").content.decode()

    def test_a_department_sees_what_concerns_its_fields(self, world, read, acting):
        seen = {
            actor.name: queries.log(actor, queries.Asked()).exists()
            for actor in (world.registrar, world.hr, acting("clerk", world.college, name="学院"))
        }
        assert seen == {"教务员": True, "人事员": True, "学院": False}

    def test_each_person_sees_who_read_about_them_without_addresses(self, world, read):
        ReadEntry.objects.filter(pk=read.pk)
        account = Account.objects.create(
            username="s0", person=world.students[0].person, name="s0", state="active"
        )
        RoleGrantFactory(account=account, role="student", org_unit=world.college)
        client = Client()
        client.force_login(account)
        shown = client.get("/me/reads/").content.decode()
        assert "办理借阅证" in shown
        assert [one["times"] for one in queries.who_read([world.students[0].person_id])] == [1]
        assert queries.who_read([world.students[5].person_id]) == []

    def test_export_says_the_same(self, world, read, auditor):
        text = b"".join(browser(auditor).get("/sharing/reads/?format=csv").streaming_content).decode(
            "utf-8-sig"
        )
        assert len(text.splitlines()) == 2
        assert "办理借阅证" in text

    def test_usage_adds_up(self, world, read, grant):
        from yanta.hub.sharing.models import UsageDay

        use = queries.usage(UsageDay.objects.filter(grant=grant), on=timezone.localdate())
        assert (use.total_reads, use.total_rows, use.total_errors) == (1, 3, 0)
        assert queries.popularity(on=timezone.localdate())[grant.dataset_id] == queries.Popularity(1, 3, 1)


class TestOthers:
    def test_lineage_leads_from_fields_to_consumers(self, grant):
        nodes, edges = shared()
        assert {one.kind for one in nodes} == {"dataset", "consumer"}
        found = {(one.source_key, one.target_key) for one in edges}
        assert ("field:student.name", "dataset:students") in found
        assert ("dataset:students", f"consumer:{grant.consumer.code}") in found
        assert lineage.KINDS["dataset"]

    def test_a_load_of_data_looks_for_changes_of_its_subject(self, monkeypatch):
        asked = []
        monkeypatch.setattr("yanta.hub.sharing.delivery.pushing.follow_subject", asked.append)
        handlers.push_what_was_loaded(hub.DataLoaded("student", "p", 1, 1, 0), actor=None)
        assert asked == ["student"]

    def test_unused_grants_are_found(self, world, grant):
        later = timezone.localdate() + timedelta(days=61)
        assert [(one.pk, step) for one, _, step in queries.zombies(on=later)] == [(grant.pk, "end")]
        assert queries.zombies(on=timezone.localdate()) == []
        assert Dataset.objects.count() == 1


def test_only_who_may_register_a_consumer_is_told_to(world, acting):
    page = f"/sharing/datasets/{world.dataset().code}/apply/"
    assert "/sharing/consumer/new/" in browser(acting("clerk", world.college)).get(page).content.decode()
    assert (
        "/sharing/consumer/new/" not in browser(acting("teacher", world.college)).get(page).content.decode()
    )
