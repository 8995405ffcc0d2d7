"""The group of a limit is one that the plans in force have."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from yanta.kernel.resource import forms, registry, writing
from yanta.kernel.testing.factories import OrgUnitFactory
from yanta.systems.course_selection import queries
from yanta.systems.course_selection.models import GroupLimit
from yanta.systems.course_selection.rules import groups
from yanta.systems.curricula import public as curricula
from yanta.systems.curricula.tests.factories import plan_in_force

KNOWN = ["专业必修", "专业选修", "通识选修"]


@pytest.mark.parametrize(
    ("name", "known", "said"),
    [
        ("通识选修课", KNOWN, "没有“通识选修课”这个课程组；是不是：通识选修"),
        ("XYZ", KNOWN, "有：专业必修、专业选修、通识选修"),
        ("通识选修", [], "还没有执行中的培养方案"),
    ],
)
def test_what_is_no_group_is_asked_back_with_the_nearest(name, known, said):
    assert said in groups.refusal(name, known)


def test_a_group_is_a_group():
    assert groups.refusal("通识选修", KNOWN) is None


@pytest.fixture
def clerk(acting, school):
    return acting("clerk", OrgUnitFactory.create(parent=school, code="2010", name="教务处", kind="office"))


@pytest.fixture
def known(monkeypatch):
    monkeypatch.setattr(curricula, "group_names", lambda: KNOWN)


def filled(window, clerk, name):
    resource = registry.resource_of(GroupLimit)
    data = {"round": window.pk, "name": name, "most_credits": "6"}
    return resource, forms.form_class(resource)(data, resource=resource, actor=clerk)


@pytest.mark.django_db
class TestForm:
    def test_it_is_chosen_from_those_there_are(self, window, clerk, known):
        resource, form = filled(window, clerk, "通识选修")

        asked = forms.input_of(form, "name")

        assert (asked.kind, [key for key, _ in asked.options]) == ("choice", KNOWN)
        assert form.is_valid()
        writing.save(resource, form.instance, actor=clerk)
        assert GroupLimit.objects.get().name == "通识选修"

    def test_another_is_refused_in_words(self, window, clerk, known):
        _resource, form = filled(window, clerk, "通识课")

        assert not form.is_valid()
        assert "是不是：通识选修" in form.errors["name"][0]


@pytest.mark.django_db
def test_what_matches_nothing_is_kept_and_listed(window, programme, capsys):
    plan_in_force(programme, {})
    for name in ("必修", "早先的组"):
        GroupLimit.objects.create(round=window, name=name, most_credits=3)

    import_module("yanta.systems.course_selection.migrations.0011_groups_named").name_strays(apps, None)

    printed = capsys.readouterr().out
    assert "早先的组" in printed
    assert "“必修”" not in printed
    assert [one.name for one in queries.stray_limits(window.term)] == ["早先的组"]
    assert GroupLimit.objects.count() == 2
