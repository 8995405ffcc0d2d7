from yanta.kernel.base import Actor, Grant, Reach

VIEW = "equipment.item.view"


def grant(reach, path="", permissions=(VIEW,)):
    return Grant(
        role="clerk",
        title="经办人",
        reach=reach,
        permissions=frozenset(permissions),
        path=path,
        reason="任职",
    )


def actor(*grants):
    return Actor(account_id=1, person_id=7, name="张三", grants=grants)


class TestReach:
    def test_is_the_union_of_the_grants_that_give_the_permission(self):
        someone = actor(
            grant("unit", "0001"), grant("unit", "0002"), grant("own"), grant("school", permissions=("x",))
        )

        assert someone.reach(VIEW) == Reach(paths=("0001", "0002"), own=True)

    def test_a_unit_grant_without_a_unit_reaches_nothing(self):
        assert actor(grant("unit")).reach(VIEW).nothing

    def test_no_grant_no_reach(self):
        assert actor().reach(VIEW).nothing
        assert not actor().may(VIEW)

    def test_the_system_reaches_everything(self):
        assert Actor.system("hub").reach("anything").everything


def test_a_right_can_say_why_it_is_held():
    assert [held.reason for held in actor(grant("own")).why(VIEW)] == ["任职"]
