import pytest

from yanta.kernel.codes import service
from yanta.kernel.codes.loading import load_codes
from yanta.kernel.codes.models import Alias, Code, CodeSet, DataElement, NumberRule
from yanta.kernel.codes.providers import live_sets

pytestmark = pytest.mark.django_db


def receipts():
    return {receipt.kind: receipt for receipt in load_codes()}


def test_the_first_load_takes_everything_and_the_second_changes_nothing():
    first, second = receipts(), receipts()

    sets = 276 + len(live_sets())
    assert (first["代码集"].new, first["代码"].new, first["数据元"].new) == (sets, 23_911, 1_390)
    assert CodeSet.objects.filter(verdict__startswith="complete").count() == 252
    assert all(receipt.new == receipt.changed == 0 for receipt in second.values())
    assert all(receipt.unchanged == receipt.read for receipt in second.values())
    assert Code.objects.count() == sum(CodeSet.objects.values_list("size", flat=True)) == 23_911
    assert set(CodeSet.objects.values_list("revision", flat=True)) == {1}


def test_a_repaired_code_raises_the_revision_and_a_published_one_is_kept():
    receipts()
    Code.objects.filter(code_set__set_id="GBT3304_MZ", code="01").update(name="汗族")
    Code.objects.filter(code_set__set_id="GBT2261_1_XB", code="9").update(name="不愿说明", origin="school")

    again = receipts()["代码"]

    assert (again.changed, again.kept, again.new) == (1, 1, 0)
    assert again.read == again.new + again.changed + again.unchanged + again.kept
    assert service.name_of("GBT3304_MZ", "01") == "汉族"
    assert service.name_of("GBT2261_1_XB", "9") == "不愿说明"
    assert CodeSet.objects.get(set_id="GBT3304_MZ").revision == 2


def test_a_lost_code_and_a_lost_alias_come_back():
    receipts()
    Alias.objects.filter(written="汉").delete()
    Code.objects.filter(code_set__set_id="GBT2261_1_XB", code="1").delete()

    again = receipts()

    assert again["代码"].new == 1
    assert service.validate("GBT3304_MZ", "汉").code == "01"
    assert service.validate("GBT2261_1_XB", "男").code == "1"


def test_stored_and_packaged_answers_agree():
    values = ["男", "1.0", "女性", "x"]
    before = [service.validate("GBT2261_1_XB", value) for value in values]
    receipts()
    assert [service.validate("GBT2261_1_XB", value) for value in values] == before


def test_successors_and_parents_are_linked():
    receipts()
    moved = Code.objects.get(code_set__set_id="MOE_UNDERGRAD_2025", code="083201")
    assert moved.successor.code_set.set_id == "MOE_UNDERGRAD_2026_SUPPLEMENT"
    assert Code.objects.get(code_set__set_id="GBT2260_XZQH", code="610113").parent.code == "610100"


def test_the_length_of_an_element_follows_its_code_set():
    receipts()
    element = DataElement.objects.get(identifier="PRQKM")
    assert (element.stated_length, element.length, element.code_sets) == ("1", "2", ["JYT1001_PRQK"])


def test_a_numbering_rule_of_the_school_is_not_overwritten():
    receipts()
    NumberRule.objects.filter(key="student-number").update(pattern="{year:2}{seq:6}")
    receipts()
    assert NumberRule.objects.get(key="student-number").pattern == "{year:2}{seq:6}"
