# ruff: noqa: DJ008 - models that live for one test
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from yanta.kernel.codes import checks
from yanta.kernel.codes.fields import CodeField


def test_the_installed_models_are_sound():
    assert checks.check_declarations(None) == []


def errors_of(monkeypatch, *declared):
    monkeypatch.setattr(apps, "get_models", lambda: list(declared))
    return [error.id for error in checks.check_declarations(None)]


@isolate_apps("yanta.kernel.codes")
def test_an_unknown_set_an_unknown_field_an_unknown_element(monkeypatch):
    class Widget(models.Model):
        colour = CodeField("颜色", "NO_SUCH_SET")

        class Meta:
            app_label = "codes"

        class Standard:
            source = "JY/T 1002"
            fields = {"colour": "NOTANELEMENT", "size": "XM"}

    assert errors_of(monkeypatch, Widget) == ["codes.E001", "codes.E002", "codes.E003"]


@isolate_apps("yanta.kernel.codes")
def test_a_second_source_of_one_element_is_an_error(monkeypatch):
    class Person(models.Model):
        name = models.CharField("姓名", max_length=9)

        class Meta:
            app_label = "codes"

        class Standard:
            source = "JY/T 1002"
            subject = "person"
            fields = {"name": "XM"}

    class Reader(models.Model):
        title = models.CharField("读者", max_length=9)

        class Meta:
            app_label = "codes"

        class Standard:
            source = "JY/T 1002"
            subject = "person"
            fields = {"title": "XM"}

    assert errors_of(monkeypatch, Person, Reader) == ["codes.E004"]
