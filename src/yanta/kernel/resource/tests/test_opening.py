"""Which addresses lead somebody somewhere."""

import pytest

from yanta.kernel.resource.opening import opens
from yanta.kernel.testing.factories import PersonFactory
from yanta.kernel.testing.rows import RowMaker
from yanta.systems.equipment.models import Item


@pytest.fixture
def item(college):
    return RowMaker(person=lambda unit: PersonFactory(home_unit=unit)).make(Item, college)


def test_a_record_to_whom_reaches_it(item, clerk, clerk_of, other_college, student_actor):
    address = f"/equipment/item/{item.pk}/"

    assert opens(address, clerk)
    assert not opens(address, clerk_of(other_college))
    assert not opens(address, student_actor)
    assert not opens("/equipment/item/0/", clerk)


def test_a_page_to_whom_it_asks_for(clerk, student_actor):
    assert opens("/applications/?q=x", student_actor)
    assert opens("/codes/coverage/systems/", clerk)
    assert not opens("/quality/rules/new/", student_actor)
    assert not opens("/equipment/item/new/", student_actor)


def test_what_stands_elsewhere_is_open_and_what_is_nowhere_is_not(student_actor):
    assert opens("https://example.org/paper", student_actor) is True
    assert not opens("/nowhere/at/all/", student_actor)
