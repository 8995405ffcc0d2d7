from decimal import Decimal

import pytest

from yanta.kernel.base import Refused
from yanta.kernel.base.refused import OutOfScope
from yanta.kernel.testing import published
from yanta.kernel.testing.factories import OrgUnitFactory, PersonFactory
from yanta.kernel.testing.rows import RowMaker
from yanta.systems.equipment import events, rules, services
from yanta.systems.equipment.models import Item


@pytest.fixture
def maker():
    return RowMaker(person=lambda unit: PersonFactory(home_unit=unit))


@pytest.fixture
def item(college, maker):
    return maker.make(Item, college)


@pytest.fixture
def section(college):
    return OrgUnitFactory(parent=college, name="实验中心")


class TestTransfer:
    def test_within_the_college(self, item, section, clerk):
        before = item.department_id

        services.transfer(item, actor=clerk, to_unit=section, reason="教学调整")

        assert item.department == section
        assert published(events.ItemTransferred) == [
            events.ItemTransferred(item_id=item.pk, from_unit_id=before, to_unit_id=section.pk)
        ]

    def test_to_another_college_is_beyond_a_college_clerk(self, item, other_college, clerk):
        with pytest.raises(OutOfScope):
            services.transfer(item, actor=clerk, to_unit=other_college, reason="调整")

        item.refresh_from_db()
        assert item.department != other_college

    def test_to_another_college_is_within_the_owning_department(self, item, other_college, school, clerk_of):
        owner = clerk_of(
            OrgUnitFactory(parent=school, name="国有资产与实验室管理处", aliases="国资处、资产处")
        )

        services.transfer(item, actor=owner, to_unit=other_college, reason="统筹")

        assert item.department == other_college


class TestScrap:
    def test_only_what_was_proposed(self, item, clerk):
        with pytest.raises(Refused, match="在用"):
            services.scrap(item, actor=clerk, document="x")

    def test_a_large_instrument_needs_a_document(self, college, maker, clerk):
        large = Item.objects.create(
            **(maker.values(Item, college) | {"price": rules.LARGE_FROM, "status": "to_scrap"})
        )

        with pytest.raises(Refused, match="批复"):
            services.scrap(large, actor=clerk, document=" ")
        services.scrap(large, actor=clerk, document="国资〔2026〕8号")

        assert large.status == Item.Status.SCRAPPED
        assert published(events.ItemScrapped) == [
            events.ItemScrapped(item_id=large.pk, price=Decimal("400000.00"))
        ]


def test_scrapped_is_the_end():
    assert not any(rules.may_become("scrapped", wanted) for wanted in rules.NEXT)
