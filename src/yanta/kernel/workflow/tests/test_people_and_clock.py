"""Whom a step asks, when nobody is found, who stands in; and what the clock does by itself."""

from datetime import date, timedelta

import pytest

from yanta.kernel import workflow
from yanta.kernel.base import Actor, Refused
from yanta.kernel.notify.models import Message
from yanta.kernel.testing.factories import PersonFactory, RoleGrantFactory
from yanta.kernel.workflow import clockwork, declare
from yanta.kernel.workflow.models import Delegation, Step
from yanta.kernel.workflow.outside import Source, clear, open_of, put
from yanta.kernel.workflow.statistics import figures_of
from yanta.kernel.workflow.tests.world import World, asks, bpmn, chain

ENDS = '<startEvent id="s"/><endEvent id="e"/>'


def one_step(drawn, attributes: str, more: str = "", **options) -> str:
    body = f'{ENDS}<userTask id="one" name="一审" {attributes}/>' + asks("last", "t8")
    return drawn(bpmn(body, *chain("s", "one", "last", "e"), more=more), **options)


def give(world: World, letter: str, role: str, unit) -> None:
    account = world.person(letter).account_id
    RoleGrantFactory.create(account_id=account, account=None, role=role, org_unit=unit)


class TestAssignees:
    def test_a_role_within_the_unit_the_nearest_first(
        self, world: World, drawn, school, other_college
    ) -> None:
        give(world, "院", "head", world.unit)
        give(world, "校", "head", school)
        give(world, "外", "head", other_college)

        assert world.asked(world.start(one_step(drawn, 'yanta:assignees="role:head"'))) == "院"

    def test_a_role_of_the_whole_school(self, world: World, drawn, other_college) -> None:
        give(world, "外", "head", other_college)

        assert world.asked(world.start(one_step(drawn, 'yanta:assignees="role:head@school"'))) == "外"

    def test_a_unit_by_its_name(self, world: World, drawn, other_college) -> None:
        give(world, "经", "clerk", other_college)
        key = one_step(drawn, f'yanta:assignees="unit:{other_college.code}"')

        assert world.asked(world.start(key)) == "经"

    def test_an_expression_over_declared_data(self, world: World, drawn) -> None:
        number = PersonFactory.create(name="主", number="P1").number
        key = one_step(drawn, 'yanta:assignees="expression:who"', data=lambda _unit: {"who": number})

        assert world.asked(world.start(key)) == "主"

    def test_who_decided_elsewhere(self, world: World, drawn) -> None:
        body = ENDS + asks("a", "t1") + '<userTask id="b" name="b" yanta:assignees="node:a"/>'
        instance = world.approve(world.start(drawn(bpmn(body, *chain("s", "a", "b", "e")))), "甲")

        assert world.asked(instance) == "甲"

    def test_nobody_decides_their_own_matter(self, world: World, drawn, engineer) -> None:
        world.relations["free"] = ["申"]
        instance = world.start(one_step(drawn, 'yanta:assignees="relation:free"'))

        assert world.asked(instance) == engineer.name
        assert "申请人本人" in instance.problem

    def test_unless_the_drawing_says_so(self, world: World, drawn) -> None:
        world.relations["free"] = ["申"]
        key = one_step(drawn, 'yanta:assignees="relation:free" yanta:ownMatter="true"')

        assert world.asked(world.start(key)) == "申"

    def test_nobody_found_goes_to_the_fallback_and_is_said(self, world: World, drawn) -> None:
        number = PersonFactory.create(name="兜", number="P2").number
        key = one_step(drawn, f'yanta:assignees="relation:free" yanta:fallback="person:{number}"')
        instance = world.start(key)

        assert world.asked(instance) == "兜"
        assert "没有找到free" in instance.problem
        assert Message.objects.filter(template="workflow.stuck").exists()

    def test_nobody_at_all_still_leaves_an_item_and_is_looked_up_again(
        self, world: World, drawn, clock
    ) -> None:
        instance = world.start(one_step(drawn, 'yanta:assignees="relation:free"'))
        assert world.asked(instance) == "?"

        world.relations["free"] = ["新"]
        clock.advance(hours=2)
        clockwork.move_due(clock.now)
        assert world.asked(instance) == "新"

    def test_an_unknown_relation_is_refused(self, world: World, drawn) -> None:
        with pytest.raises(Refused, match="没有登记"):
            world.start(one_step(drawn, 'yanta:assignees="relation:nothing"'))

    def test_passes_by_rule(self, world: World, drawn) -> None:
        key = one_step(
            drawn, 'yanta:assignees="relation:t1" yanta:auto="days &lt;= 1"', data=lambda _unit: {"days": 1}
        )
        instance = world.start(key)

        assert world.asked(instance) == "癸"
        assert "days <= 1" in Step.objects.get(instance=instance, verb="pass").note

    def test_who_has_said_yes_is_not_asked_again(self, world: World, eight: str) -> None:
        world.relations["t7"] = ["甲"]
        instance = world.approve(world.start(), "甲乙丙丁戊己庚辛")

        assert world.asked(instance) == "癸"
        assert "甲在前面" in Step.objects.get(instance=instance, verb="skip").note


class TestDelegation:
    def entrust(self, world: World, **values) -> None:
        Delegation.objects.create(
            principal_id=world.id("甲"), deputy_id=world.id("代"), valid_from=date(2026, 11, 1),
            **{"valid_to": date(2026, 12, 1), **values},
        )  # fmt: skip

    def test_goes_to_the_deputy_in_the_period(self, world: World, eight: str, clock) -> None:
        self.entrust(world)
        instance = world.start()
        assert world.asked(instance) == "代"
        world.approve(instance, "代")

        assert Step.objects.get(instance=instance, verb="approve").for_name == "甲"

    def test_the_principal_may_still_decide(self, world: World, eight: str, clock) -> None:
        self.entrust(world)
        instance = world.start()
        workflow.act(world.item(instance, "代"), "approve", actor=world.person("甲"))

        assert world.asked(instance) == "乙"

    @pytest.mark.parametrize("values", [{"valid_to": date(2026, 11, 2)}, {"processes": ["other"]}])
    def test_not_outside_period_or_process(self, world: World, eight: str, clock, values) -> None:
        self.entrust(world, **values)

        assert world.asked(world.start()) == "甲"


class TestClock:
    def test_lights_and_reminders(self, world: World, eight: str, clock) -> None:
        instance = world.start()
        clock.advance(hours=7, minutes=30)
        clockwork.move_due(clock.now)
        assert world.item(instance, "甲").light == "amber"
        clock.advance(hours=1)
        clockwork.move_due(clock.now)
        clockwork.move_due(clock.now)

        assert world.item(instance, "甲").light == "red"
        assert Message.objects.filter(template="workflow.overdue").count() == 2

    def test_escalates(self, world: World, drawn, clock) -> None:
        key = one_step(
            drawn,
            'yanta:assignees="relation:t1" yanta:due="4h" yanta:overdue="escalate" yanta:escalate="relation:t2"',
        )
        instance = world.start(key)
        clock.advance(hours=5)
        clockwork.move_due(clock.now)

        assert world.asked(instance) == "乙"
        assert world.asked(world.approve(instance, "乙")) == "癸"

    def test_silence_is_consent_where_the_drawing_says_so(self, world: World, drawn, clock) -> None:
        key = one_step(drawn, 'yanta:assignees="relation:t1" yanta:due="4h" yanta:overdue="pass"')
        instance = world.start(key)
        clock.advance(hours=5)
        clockwork.move_due(clock.now)

        assert world.asked(instance) == "癸"

    def test_a_timer_on_the_border_takes_the_work_away(self, world: World, drawn, clock) -> None:
        body = (
            ENDS + asks("one", "t1") + asks("late", "t2")
            + '<boundaryEvent id="b" attachedToRef="one"><timerEventDefinition><timeDuration>P2D</timeDuration>'
            "</timerEventDefinition></boundaryEvent>"
        )  # fmt: skip
        key = drawn(bpmn(body, ("s", "one"), ("one", "e"), ("b", "late"), ("late", "e")))
        instance = world.start(key)
        assert clockwork.move_due(clock.now) == 0
        clock.advance(days=3)
        clockwork.move_due(clock.now)

        assert world.asked(instance) == "乙"

    def test_working_days_follow_the_calendar(self, world: World, drawn, clock) -> None:
        declare._calendar[:] = []
        key = one_step(drawn, 'yanta:assignees="relation:t1" yanta:due="1wd"')
        item = world.item(world.start(key), "甲")  # on a Friday at nine

        assert item.due_at.astimezone(clock.now.tzinfo).strftime("%m-%d %H") == "11-23 18"


class TestSubprocesses:
    def test_embedded_and_returned_into(self, world: World, drawn) -> None:
        inner = (
            '<subProcess id="sub" name="内"><startEvent id="is"/><endEvent id="ie"/>' + asks("in1", "t1") + asks("in2", "t2")
            + "".join(f'<sequenceFlow id="i{a}{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in chain("is", "in1", "in2", "ie"))
            + "</subProcess>"
        )  # fmt: skip
        body = ENDS + inner + asks("last", "t8")
        instance = world.start(drawn(bpmn(body, *chain("s", "sub", "last", "e"))))
        instance = world.approve(instance, "甲乙")
        instance = world.act(instance, "癸", "return", node="in1", opinion="x")

        assert world.asked(instance) == "甲"
        assert world.approve(instance, "甲乙癸").outcome == "granted"

    def test_called(self, world: World, drawn) -> None:
        drawn(bpmn(ENDS + asks("c1", "t3"), *chain("s", "c1", "e"), key="called"), key="called")
        body = ENDS + asks("one", "t1") + '<callActivity id="call" calledElement="called"/>'
        instance = world.approve(world.start(drawn(bpmn(body, *chain("s", "one", "call", "e")))), "甲")

        assert world.asked(instance) == "丙"
        assert world.approve(instance, "丙").outcome == "granted"

    def test_service_tasks_run_by_name_only(self, world: World, drawn) -> None:
        declare.service_task("test.count", "数")(lambda unit, actor: {"count": 7})
        body = (
            f'{ENDS}<serviceTask id="v" name="v" yanta:service="test.count"/><exclusiveGateway id="x" default="f3"/>'
            + asks("big", "t1")
        )
        key = drawn(
            bpmn(body, ("s", "v"), ("v", "x"), ("x", "e"), ("x", "big", "count &gt; 5"), ("big", "e"))
        )

        assert world.asked(world.start(key)) == "甲"
        with pytest.raises(Refused, match="没有登记"):
            world.start(
                drawn(
                    bpmn(f'{ENDS}<serviceTask id="v" yanta:service="os.system"/>', *chain("s", "v", "e")),
                    key="test.bad",
                )
            )


def test_versions_stay_with_what_runs_and_move_on_purpose(world: World, drawn, eight: str) -> None:
    from yanta.kernel.workflow.migrating import migrate
    from yanta.kernel.workflow.tests.world import EIGHT
    from yanta.kernel.workflow.versions import current

    instance = world.approve(world.start(), "甲乙")
    drawn(EIGHT.replace('name="eight"', 'name="校长"'))
    instance.refresh_from_db()
    assert instance.version_id != current(eight).pk

    [moved] = migrate(current(eight), actor=Actor.system("test"))
    assert not moved.reason
    instance.refresh_from_db()
    assert instance.version_id == current(eight).pk
    drawn(EIGHT.replace('"three"', '"third"'))
    [kept] = migrate(current(eight), actor=Actor.system("test"))
    assert "three" in kept.reason
    world.approve(instance, "丙")


def test_figures(world: World, eight: str, clock) -> None:
    instance = world.start()
    clock.advance(hours=4)
    world.approve(instance, "甲")
    found = figures_of(eight, since=clock.now - timedelta(days=1), until=clock.now + timedelta(minutes=1))

    assert (found.started, found.running, found.nodes[0].median_hours) == (1, 1, 4)
    assert [one.node for one in found.nodes if one.waiting] == ["two"]


def test_to_dos_of_other_systems(world: World) -> None:
    source = Source("oa", "旧办公系统")
    number = PersonFactory.create(number="P9").number
    put(source, "k1", to=[number], title="阅办", link="https://oa.example/1")
    put(source, "k1", to=[number], title="阅办（改）", link="https://oa.example/1")

    [todo] = open_of(PersonFactory._meta.model.objects.get(number="P9").pk)
    assert todo.title == "阅办（改）"
    assert clear(source, "k1") == 1
    with pytest.raises(Refused, match="没有人员号"):
        put(source, "k2", to=["nobody"], title="x", link="/x")
    with pytest.raises(Refused, match="链接"):
        put(source, "k3", to=[number], title="x", link="javascript:alert(1)")
