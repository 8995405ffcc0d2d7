"""The environment of the templates, and what is collected for translation."""

from io import BytesIO

import pytest
from django.utils import translation
from jinja2 import UndefinedError

from yanta.kernel.portal import extraction, jinja
from yanta.kernel.portal.assets import asset


@pytest.fixture(scope="module")
def environment():
    return jinja.environment(autoescape=True)


def rendered(environment, text, **values):
    return environment.from_string(text).render(**values)


def test_a_missing_value_may_be_asked_for_but_not_printed(environment):
    assert rendered(environment, "{% if nothing %}x{% endif %}ok") == "ok"
    with pytest.raises(UndefinedError):
        rendered(environment, "{{ nothing }}")


def test_values_are_escaped(environment):
    assert rendered(environment, "{{ value }}", value="<b>") == "&lt;b&gt;"


def test_texts_are_chinese_unless_another_language_is_asked_for(environment):
    text = '{{ _("保存%(noun)s", noun=_("学生")) }} {{ _("100%") }} {{ _n("%(n)s 天前", 1) }}'
    assert rendered(environment, text) == "保存学生 100% 1 天前"
    with translation.override("en"):
        assert rendered(environment, text) == "Save Student 100% 1 day ago"


def test_an_unbuilt_front_end_leaves_names_as_they_are():
    assert asset("no-such-file.js") == "/static/yanta/no-such-file.js"


def messages(method, text):
    return [(kind, message) for _, kind, message, _ in method(BytesIO(text.encode()), None, None, None)]


def test_labels_are_collected_wherever_they_stand_but_docstrings_and_f_strings_are_not():
    source = '"""模块"""\nclass A:\n    """类"""\n    name = Field("姓名")\n    kind = f"{name}出错"\n    plain = "code"\n'
    assert messages(extraction.python_labels, source) == [("gettext", "姓名")]


def test_template_texts_are_the_strings_of_expressions():
    template = '{# 说明 #}<p>{{ ui.empty("还没有", icon="x") }}{{ _n("共 %(n)s 条", n) }}</p>'
    assert messages(extraction.template_texts, template) == [
        ("gettext", "还没有"),
        ("ngettext", ("共 %(n)s 条", "共 %(n)s 条")),
    ]
