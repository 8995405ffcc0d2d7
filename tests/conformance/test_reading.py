"""What is shown: allowed, denied, out of scope, on every page and in the API."""

from __future__ import annotations

import io

import pytest
from python_calamine import CalamineWorkbook

from tests.conformance.world import World
from yanta.kernel.base.scope import covers
from yanta.kernel.resource.forms import form_class


def keys_of(answer) -> set[int]:
    return {item["id"] for item in answer.json()["items"]}


class TestAllowed:
    def test_pages_and_api_show_a_row_of_the_own_unit(self, world: World):
        row = world.row(world.here)
        client = world.client(world.probe(world.here))

        assert client.get(world.url()).status_code == 200
        assert client.get(world.url(), {"_part": "rows"}).status_code == 200
        assert client.get(world.url(), {"_part": "filters"}).status_code == 200
        assert client.get(world.url(f"{row.pk}/")).status_code == 200
        assert client.get(world.url(f"{row.pk}/"), {"_part": "panel"}).status_code == 200
        assert client.get(world.api(f"{row.pk}/")).json()["id"] == row.pk
        assert row.pk in keys_of(client.get(world.api(), {"page_size": 500}))

    def test_every_filter_and_order_answers(self, world: World):
        world.row(world.here)
        client = world.client(world.probe(world.here))

        for name in world.resource.filters:
            for query in (
                {name: "1"},
                {f"{name}_from": "2026-01-01", f"{name}_to": "2026-12-31"},
                {name: "胡写"},
            ):
                assert client.get(world.url(), query).status_code == 200, (name, query)
        for name in world.resource.columns:
            assert (
                client.get(
                    world.url(), {"sort": f"-{name}" if isinstance(name, str) else name.name}
                ).status_code
                == 200
            )
        assert client.get(world.url(), {"q": "张三 2026", "page": "999"}).status_code == 200

    @pytest.mark.about(verb="export")
    def test_export_holds_the_columns_of_the_list(self, world: World):
        world.row(world.here)
        client = world.client(world.probe(world.here))

        answer = client.get(world.url("export.xlsx"))

        cells = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
        assert len(cells) >= 2
        assert len(cells[0]) >= len(world.resource.columns)
        assert b"".join(client.get(world.url("export.csv")).streaming_content).startswith(b"\xef\xbb\xbf")


class TestDenied:
    def test_nobody_signed_in_sees_nothing(self, world: World, client):
        assert client.get(world.url()).status_code == 302
        assert client.get(world.api()).status_code == 401

    def test_without_the_permission_every_door_is_closed(self, world: World):
        row = world.row(world.here)
        client = world.client(world.account("bare", world.here))

        for address in ("", f"{row.pk}/", "export.xlsx", "export.csv", "new/", f"{row.pk}/edit/", "import/"):
            assert client.get(world.url(address)).status_code == 403, address
        for address in ("", f"{row.pk}/"):
            assert client.get(world.api(address)).status_code == 403, address


class TestScope:
    def test_what_is_loaded_of_a_row_says_the_same_as_the_database(self, world: World):
        model, permission = world.resource.model, world.resource.permission("view")
        ways = [*_links(model.org_path, unit=True), *_links(model.person_path, unit=False)]
        rows = [world.row(world.here), world.row(world.there)]
        loaded = model._base_manager.select_related(*ways) if ways else model._base_manager.all()
        for account in (world.probe(world.here), world.probe(world.there), world.account("bare", world.here)):
            actor = world.actor(account)
            seen = set(model.objects.visible_to(actor, permission).values_list("pk", flat=True))
            for row in loaded.filter(pk__in=[one.pk for one in rows]):
                assert covers(row, actor, permission) is (row.pk in seen)
                assert covers(model._base_manager.get(pk=row.pk), actor, permission) in (None, row.pk in seen)


def _links(way: str | None, *, unit: bool) -> list[str]:
    """What has to be joined to read a row's unit, or its owner."""
    steps = [] if way in (None, "self") else way.split("__")
    steps = steps if unit else steps[:-1]
    return ["__".join(steps)] if steps else []


@pytest.mark.about(scoped=True)
class TestOutOfScope:
    def test_lists_leave_the_other_unit_out(self, world: World):
        mine, theirs = world.row(world.here), world.row(world.there)
        client = world.client(world.probe(world.here))

        found = keys_of(client.get(world.api(), {"page_size": 500}))

        assert mine.pk in found
        assert theirs.pk not in found
        page = client.get(world.url()).content.decode()
        assert world.url(f"{theirs.pk}/") not in page

    def test_a_row_of_the_other_unit_is_not_found(self, world: World):
        theirs = world.row(world.there)
        client = world.client(world.probe(world.here))

        assert client.get(world.url(f"{theirs.pk}/")).status_code == 404
        assert client.get(world.url(f"{theirs.pk}/"), {"_part": "panel"}).status_code == 404
        assert client.get(world.api(f"{theirs.pk}/")).status_code == 404

    @pytest.mark.about(verb="export", scoped=True)
    def test_exports_leave_the_other_unit_out(self, world: World):
        world.row(world.here)
        world.row(world.there)
        client = world.client(world.probe(world.here))
        visible = world.resource.visible_to(world.actor(world.probe(world.here))).count()

        content = client.get(world.url("export.xlsx")).content

        cells = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
        assert len(cells) - 1 == visible

    @pytest.mark.about(verb="add", scoped=True)
    def test_choices_of_links_leave_the_other_unit_out(self, world: World):
        theirs = world.row(world.there)
        first = theirs.org_path.split("__")[0]
        form = form_class(world.resource)(resource=world.resource, actor=world.actor(world.probe(world.here)))

        assert not form.fields[first].queryset.filter(pk=getattr(theirs, f"{first}_id")).exists()
