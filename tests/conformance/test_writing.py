"""What is changed: adding, editing, deleting, importing and every action, in scope and out of it."""

from __future__ import annotations

import io
import re

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.conformance.world import World, is_in, moved
from yanta.kernel.base.refused import OutOfScope
from yanta.kernel.resource.models import SheetImport
from yanta.kernel.resource.paths import path_of
from yanta.kernel.resource.sheets import EXCEL_TYPE

REFUSED = {403, 404, 409, 422}


def count(world: World) -> int:
    return world.resource.model._base_manager.count()


def sheet_of(world: World, row, changes: dict | None = None) -> SimpleUploadedFile:
    """The row as a line of the resource's own import template."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    page = book.add_worksheet()
    for position, name in enumerate(world.resource.sheet_columns):
        path = path_of(world.resource.model, name)
        page.write(0, position, path.label)
        value = getattr(row, name)
        natural = (
            next((k for k in ("code", "number", "name") if hasattr(value, k)), None)
            if path.kind == "link"
            else None
        )
        text = (
            str(getattr(value, natural))
            if natural
            else path.text(row)
            if path.kind != "sealed"
            else str(value or "")
        )
        page.write_string(1, position, (changes or {}).get(name, text))
    book.close()
    return SimpleUploadedFile("样例.xlsx", buffer.getvalue(), content_type=EXCEL_TYPE)


@pytest.mark.about(verb="add")
class TestAdding:
    def test_the_form_opens_and_refuses_an_empty_answer_kindly(self, world: World):
        client = world.client(world.probe(world.here))

        assert client.get(world.url("new/")).status_code == 200
        before = count(world)
        answer = client.post(world.url("new/"), {})
        assert answer.status_code == 422
        assert count(world) == before

    def test_the_api_refuses_what_it_does_not_know(self, world: World):
        client = world.client(world.probe(world.here))

        answer = client.post(world.api(), {"no_such_field": 1}, content_type="application/json")

        assert answer.status_code in REFUSED
        assert answer["Content-Type"] == "application/problem+json"

    @pytest.mark.about(scoped=True)
    def test_a_row_for_the_other_unit_is_refused(self, world: World):
        draft = world.maker.make(world.resource.model, world.there, saved=False)
        client, before = world.client(world.probe(world.here)), count(world)

        assert client.post(world.url("new/"), world.form_values(draft)).status_code in REFUSED
        assert (
            client.post(world.api(), world.form_values(draft), content_type="application/json").status_code
            in REFUSED
        )
        assert count(world) == before


@pytest.mark.about(verb="edit")
class TestEditing:
    def test_in_scope_the_form_opens(self, world: World):
        row = world.row(world.here)

        assert world.client(world.probe(world.here)).get(world.url(f"{row.pk}/edit/")).status_code in (
            200,
            409,
        )

    @pytest.mark.about(scoped=True)
    def test_the_other_units_row_can_neither_be_opened_nor_changed(self, world: World):
        theirs = world.row(world.there)
        client = world.client(world.probe(world.here))
        stamp = theirs.updated_at

        assert client.get(world.url(f"{theirs.pk}/edit/")).status_code == 404
        assert client.post(world.url(f"{theirs.pk}/edit/"), world.form_values(theirs)).status_code == 404
        assert (
            client.patch(world.api(f"{theirs.pk}/"), {}, content_type="application/json").status_code == 404
        )
        theirs.refresh_from_db()
        assert theirs.updated_at == stamp

    @pytest.mark.about(scoped=True)
    def test_a_row_cannot_be_moved_out_of_scope(self, world: World):
        row = world.row(world.here)
        change = moved(row, world.there, world.maker)
        client = world.client(world.probe(world.here))

        by_api = client.patch(world.api(f"{row.pk}/"), change, content_type="application/json")
        by_form = client.post(world.url(f"{row.pk}/edit/"), {**world.form_values(row), **change})

        assert by_api.status_code in REFUSED
        # A form that does not ask for the unit takes no notice of one that is sent.
        assert by_form.status_code in REFUSED or not change.keys() & set(world.resource.form_fields)
        row = type(row)._base_manager.get(pk=row.pk)
        assert is_in(row, world.here)


@pytest.mark.about(verb="delete")
class TestDeleting:
    @pytest.mark.about(scoped=True)
    def test_the_other_units_row_stays(self, world: World):
        theirs = world.row(world.there)
        client = world.client(world.probe(world.here))

        assert client.post(world.url(f"{theirs.pk}/delete/")).status_code == 404
        assert client.delete(world.api(f"{theirs.pk}/")).status_code == 404
        assert type(theirs)._base_manager.filter(pk=theirs.pk).exists()

    def test_without_the_permission_nothing_is_deleted(self, world: World):
        row = world.row(world.here)
        client = world.client(world.account("bare", world.here))

        assert client.post(world.url(f"{row.pk}/delete/")).status_code == 403
        assert client.delete(world.api(f"{row.pk}/")).status_code == 403
        assert type(row)._base_manager.filter(pk=row.pk).exists()


@pytest.mark.about(verb="import")
class TestImporting:
    def test_what_was_exported_comes_back_unchanged(self, world: World):
        row = world.row(world.here)
        client = world.client(world.probe(world.here))

        answer = client.post(world.url("import/"), {"file": sheet_of(world, row)})

        assert answer.status_code == 200, answer.content.decode()[:2000]
        counts = last_import(world).counts
        assert counts["read"] == 1 == sum(counts[k] for k in ("new", "changed", "unchanged", "rejected"))
        assert counts["unchanged"] == 1, page_errors(answer)

    @pytest.mark.about(scoped=True)
    def test_a_row_of_the_other_unit_is_rejected_and_stays(self, world: World):
        theirs = world.row(world.there)
        client, before = world.client(world.probe(world.here)), count(world)
        stamp = theirs.updated_at

        client.post(world.url("import/"), {"file": sheet_of(world, theirs)})
        kept = last_import(world)
        client.post(world.url(f"import/{kept.pk}/"))

        assert last_import(world).counts["rejected"] == 1
        assert count(world) == before
        theirs.refresh_from_db()
        assert theirs.updated_at == stamp

    def test_rubbish_is_refused_in_words(self, world: World):
        client = world.client(world.probe(world.here))

        answer = client.post(world.url("import/"), {"file": SimpleUploadedFile("x.xlsx", b"\x00rubbish")})

        assert answer.status_code == 422
        assert "读不出" in answer.content.decode()


def last_import(world: World):
    return SheetImport.objects.filter(resource=world.resource.key).latest("pk")


def page_errors(answer) -> str:
    return re.sub(r"<[^>]+>|\s+", " ", answer.content.decode().split("<table", 1)[-1])[:500]


@pytest.mark.about(actions=True)
class TestActions:
    @pytest.mark.about(scoped=True)
    def test_another_units_row_refuses_every_action(self, world: World):
        theirs = world.row(world.there)
        client = world.client(world.probe(world.here))

        for action in world.resource.actions:
            if action.on_collection:
                continue
            assert client.get(world.url(f"{theirs.pk}/{action.name}/")).status_code == 404, action
            assert client.post(world.url(f"{theirs.pk}/{action.name}/")).status_code == 404, action
            by_api = client.post(
                world.api(f"{theirs.pk}/actions/{action.name}/"), {}, content_type="application/json"
            )
            assert by_api.status_code in (404, 422), action
        theirs_now = type(theirs)._base_manager.get(pk=theirs.pk)
        assert theirs_now.updated_at == theirs.updated_at

    @pytest.mark.about(scoped=True)
    def test_bulk_actions_pass_over_the_other_unit(self, world: World):
        actions = [
            one for one in world.resource.actions if one.bulk and not one.on_collection and not one.parameters
        ]
        theirs = world.row(world.there)
        client = world.client(world.probe(world.here))

        for action in actions:
            client.post(world.url(f"bulk/{action.name}/"), {"keys": [theirs.pk]})
            client.post(world.url(f"bulk/{action.name}/"), {"all": "1", "query": ""})

        assert type(theirs)._base_manager.get(pk=theirs.pk).updated_at == theirs.updated_at

    @pytest.mark.about(scoped=True)
    def test_the_operation_itself_refuses_a_row_out_of_scope(self, world: World):
        actions = [one for one in world.resource.actions if not one.on_collection]
        theirs = world.row(world.there)
        actor = world.actor(world.probe(world.here))

        for action in actions:
            with pytest.raises(OutOfScope):
                action(theirs, actor=actor, **{p.name: None for p in action.parameters})

    def test_without_the_permission_the_action_is_refused(self, world: World):
        row = world.row(world.here) if world.resource.actions else None
        client = world.client(world.account("bare", world.here))

        for action in world.resource.actions:
            address = f"actions/{action.name}/" if action.on_collection else f"{row.pk}/{action.name}/"
            assert client.get(world.url(address)).status_code == 403, action
            assert client.post(world.url(address)).status_code == 403, action
