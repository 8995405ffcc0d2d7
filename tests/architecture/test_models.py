"""What every table has to say for itself."""

import pytest
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models.constants import LOOKUP_SEP

from yanta.kernel.base import System
from yanta.kernel.base.models import Record
from yanta.kernel.codes import packaged
from yanta.kernel.codes.bindings import bindings

OURS = [model for model in apps.get_models() if model.__module__.startswith("yanta.")]
RECORDS = [model for model in OURS if issubclass(model, Record)]
SYSTEMS = [config for config in apps.get_app_configs() if isinstance(config, System)]
COMMON = ("yanta.kernel.", "yanta.masterdata.")


def label(value: object) -> str:
    return str(getattr(value, "_meta", value).label)  # type: ignore[attr-defined]


def end_of(model: type[models.Model], path: str) -> type[models.Model]:
    """The model that a path of relations leads to."""
    for name in path.split(LOOKUP_SEP):
        related = model._meta.get_field(name).related_model
        assert isinstance(related, type), f"{model.__name__}.{name} leads nowhere"
        model = related
    return model


@pytest.mark.parametrize("model", RECORDS, ids=label)
class TestRecords:
    def test_says_whose_row_it_is(self, model: type[Record]) -> None:
        if model.org_path is None:
            assert model.org_path_reason, "no org_path and no reason for none"
        elif model.org_path != "self":
            assert end_of(model, model.org_path)._meta.label == "organisation.OrgUnit"

    def test_the_way_to_its_person_ends_at_a_person(self, model: type[Record]) -> None:
        if model.person_path not in (None, "self"):
            assert end_of(model, str(model.person_path))._meta.label == "people.Person"

    def test_has_a_chinese_name(self, model: type[Record]) -> None:
        assert not str(model._meta.verbose_name).isascii()


@pytest.mark.parametrize(
    "model", [model for model in OURS if model.__module__.startswith("yanta.systems.")], ids=label
)
def test_no_foreign_key_leaves_a_system(model: type[models.Model]) -> None:
    def at_home(target: type[models.Model]) -> bool:
        return target._meta.app_label == model._meta.app_label or target.__module__.startswith(COMMON)

    leaving = [
        field.name
        for field in model._meta.get_fields()
        if field.concrete and isinstance(field.related_model, type) and not at_home(field.related_model)
        if not field.related_model.__module__.startswith("pghistory")
    ]

    assert leaving == []


@pytest.mark.parametrize("config", SYSTEMS, ids=label)
def test_a_manifest_says_who_answers(config: System) -> None:
    assert config.title
    assert config.area
    assert config.owner


class TestStandard:
    def test_every_bound_field_exists(self) -> None:
        def missing(model: type[models.Model], name: str) -> bool:
            try:
                model._meta.get_field(name)
            except FieldDoesNotExist:
                return True
            return False

        assert [found.label for found in bindings() if missing(found.model, found.field)] == []

    def test_every_element_is_in_the_dictionary(self) -> None:
        known = {element["element_id"] for element in packaged.elements()}

        assert {
            f"{found.label} → {found.identifier}" for found in bindings() if found.identifier not in known
        } == set()

    def test_an_element_of_a_subject_has_one_source(self) -> None:
        seen: dict[tuple[str, str], list[str]] = {}
        for found in bindings():
            seen.setdefault((found.subject, found.identifier), []).append(found.label)

        assert {key: labels for key, labels in seen.items() if len(labels) > 1} == {}
