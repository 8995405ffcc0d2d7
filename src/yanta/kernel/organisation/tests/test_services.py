from datetime import date

import pytest

from yanta.kernel.base import Actor, Refused
from yanta.kernel.organisation import queries, services
from yanta.kernel.organisation.events import UnitsChanged
from yanta.kernel.organisation.models import OrgChange, OrgUnit, OrgUnitSpell
from yanta.kernel.testing import published

BEFORE, CHANGE, AFTER = date(2019, 9, 1), date(2024, 7, 1), date(2026, 1, 1)


@pytest.fixture
def system():
    return Actor.system("test")


@pytest.fixture
def tree(school, system):
    """Two colleges, one with a section, all established through the front door."""
    OrgUnitSpell.objects.create(unit=school, name=school.name, valid_from=date(1958, 1, 1))
    made = {}
    for code, name in (("10500", "电子信息工程学院"), ("10600", "计算机学院")):
        made[code] = services.establish(
            OrgUnit.objects.get(pk=school.pk), actor=system, code=code, name=name, kind="college", on=BEFORE
        )
    made["10601"] = services.establish(
        made["10600"], actor=system, code="10601", name="软件系", kind="section", on=BEFORE
    )
    return {code: OrgUnit.objects.get(pk=unit.pk) for code, unit in made.items()}


def names_on(day):
    def flat(units):
        for unit in units:
            yield unit.name
            yield from flat(unit.children)

    return list(flat(queries.tree_on(day)))


class TestRename:
    def test_the_old_name_stays_readable_for_its_time(self, tree, system):
        services.rename(tree["10600"], actor=system, name="计算机科学与技术学院", on=CHANGE)

        assert queries.name_on(tree["10600"], BEFORE) == "计算机学院"
        assert queries.name_on(tree["10600"], CHANGE) == "计算机科学与技术学院"
        assert "计算机学院" in names_on(BEFORE)
        assert "计算机学院" not in names_on(AFTER)
        assert published(UnitsChanged)[-1].kind == "renamed"

    def test_a_change_before_the_last_one_is_refused(self, tree, system):
        services.rename(tree["10600"], actor=system, name="新名", on=CHANGE)

        with pytest.raises(Refused, match="不能早于"):
            services.rename(tree["10600"], actor=system, name="更新名", on=BEFORE)


class TestMerge:
    def test_the_successor_carries_on_and_children_move_along(self, tree, system):
        services.merge(tree["10600"], actor=system, into=tree["10500"], on=CHANGE)

        gone, kept, section = (OrgUnit.objects.get(code=code) for code in ("10600", "10500", "10601"))
        assert gone.valid_to == CHANGE
        assert queries.successors_of(gone) == [kept]
        assert section.is_descendant_of(kept)
        assert "计算机学院" in names_on(BEFORE)
        assert "计算机学院" not in names_on(AFTER)

    def test_not_into_itself_and_not_twice(self, tree, system):
        with pytest.raises(Refused, match="自己"):
            services.merge(tree["10600"], actor=system, into=tree["10600"], on=CHANGE)
        services.merge(tree["10600"], actor=system, into=tree["10500"], on=CHANGE)
        with pytest.raises(Refused, match="已于"):
            services.merge(OrgUnit.objects.get(code="10600"), actor=system, into=tree["10500"], on=AFTER)


class TestSplit:
    def test_several_units_carry_on(self, tree, system):
        services.split(
            tree["10500"], actor=system, codes="10510，10520", names="电子学院,通信学院", on=CHANGE
        )

        gone = OrgUnit.objects.get(code="10500")
        assert {unit.name for unit in queries.successors_of(gone)} == {"电子学院", "通信学院"}
        assert OrgChange.objects.get(kind="split").successions.count() == 2

    def test_a_unit_number_is_never_used_twice(self, tree, system):
        with pytest.raises(Refused, match="不重复使用"):
            services.split(tree["10500"], actor=system, codes="10600,10520", names="甲,乙", on=CHANGE)

        assert OrgUnit.objects.get(code="10500").valid_to is None

    def test_codes_and_names_must_pair(self, tree, system):
        with pytest.raises(Refused, match="一一对应"):
            services.split(tree["10500"], actor=system, codes="10510", names="甲,乙", on=CHANGE)


class TestMoveAndAbolish:
    def test_the_past_keeps_the_old_place(self, tree, system):
        services.move(tree["10601"], actor=system, parent=tree["10500"], on=CHANGE)

        spells = list(
            OrgUnitSpell.objects.filter(unit=tree["10601"])
            .order_by("valid_from")
            .values_list("parent__code", flat=True)
        )
        assert spells == ["10600", "10500"]

    def test_not_below_itself(self, tree, system):
        with pytest.raises(Refused, match="下级"):
            services.move(tree["10600"], actor=system, parent=tree["10601"], on=CHANGE)

    def test_a_unit_with_children_cannot_be_abolished(self, tree, system):
        with pytest.raises(Refused, match="下级单位"):
            services.abolish(tree["10600"], actor=system, on=CHANGE)
        services.abolish(tree["10601"], actor=system, on=CHANGE)

        assert OrgUnit.objects.get(code="10601").valid_to == CHANGE
