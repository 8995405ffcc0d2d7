"""Nothing is offered by its name where the choices give it one, and otherwise asked for."""

import pytest
from django import forms

from yanta.kernel.resource.forms import input_of


class Asked(forms.Form):
    sex = forms.ChoiceField(choices=[("", "不限"), ("1", "男")], required=False)
    kind = forms.ChoiceField(choices=[("", "---------"), ("a", "甲")], required=False)


@pytest.mark.parametrize(("name", "options"), [("sex", [("", "不限"), ("1", "男")]), ("kind", [("a", "甲")])])
def test_options(name, options):
    assert input_of(Asked(), name).options == options
