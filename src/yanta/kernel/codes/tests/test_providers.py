import pytest

from yanta.kernel import codes
from yanta.kernel.codes import providers, service
from yanta.kernel.codes.loading import load_codes
from yanta.kernel.codes.models import Code, CodeSet, NumberRule
from yanta.kernel.codes.providers import Columns, code_set_provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def rule_set(monkeypatch):
    """A set provided by rows of another table, as campuses or units would be."""
    monkeypatch.setattr(providers, "_sets", {})

    @code_set_provider(
        "SCHOOL_RULES",
        title="规则代码",
        owner="信息中心",
        width=40,
        columns=Columns(code="key", name="title"),
    )
    def rules():
        return NumberRule.objects.all()

    NumberRule.objects.create(key="A", title="甲", pattern="{seq:3}")


def test_codes_come_from_the_master_data_as_they_are_now(rule_set):
    assert codes.validate("SCHOOL_RULES", " ａ ").name == "甲"
    assert codes.validate("SCHOOL_RULES", "甲").code == "A"
    assert codes.name_of("SCHOOL_RULES", "A") == "甲"
    NumberRule.objects.filter(key="A").update(title="乙")
    assert codes.choices("SCHOOL_RULES") == [("A", "乙")]


def test_one_value_costs_one_query(rule_set, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert codes.validate("SCHOOL_RULES", "A").ok


def test_the_set_is_listed_without_a_copy_of_its_codes(rule_set):
    load_codes()
    listed = CodeSet.objects.get(set_id="SCHOOL_RULES")
    assert listed.is_live
    assert not Code.objects.filter(code_set=listed).exists()
    assert service.table_of("SCHOOL_RULES").entries["A"].name == "甲"


def test_one_set_has_one_provider(rule_set):
    def elsewhere():
        return NumberRule.objects.all()

    elsewhere.__module__ = "somewhere.else"
    with pytest.raises(ValueError, match="two providers"):
        code_set_provider("SCHOOL_RULES", title="x", owner="x", width=1)(elsewhere)
