"""The guard rails, tried on a real noun and verbs of the kernel."""

from datetime import date
from typing import Annotated

import pytest

from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.refused import NotAllowed, OutOfScope
from yanta.kernel.events import publish
from yanta.kernel.operation import Label, operation
from yanta.kernel.operation.declare import _registry
from yanta.kernel.organisation.events import UnitsChanged
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.testing import audited, published


@pytest.fixture(autouse=True)
def _forget_declared():
    kept = list(_registry)
    yield
    _registry[:] = kept


@operation("改简称")
def shorten(unit: OrgUnit, *, actor: Actor, name: str) -> None:
    unit.short_name = name
    unit.save()
    publish(UnitsChanged(change_id=1, kind="renamed", unit_ids=(unit.pk,)))
    if name == "坏":
        raise Refused("不能叫这个")


@operation("挂到别处")
def hang_elsewhere(unit: OrgUnit, *, actor: Actor, sibling: OrgUnit) -> None:
    OrgUnit.objects.filter(pk=unit.pk).update(path="9999")
    unit.save(update_fields=["updated_at"])


@pytest.fixture
def may(monkeypatch):
    """Give a role the permissions of these verbs."""
    from yanta.kernel.access import actors, roles

    def give(role, *verbs):
        monkeypatch.setitem(
            roles._permissions, role, roles._permissions[role] | {verb.permission for verb in verbs}
        )
        forget()

    def forget():
        roles._forget()
        actors._grants.cache_clear()

    yield give
    forget()


class TestCalling:
    def test_changes_audits_and_publishes(self, college, may, clerk_of):
        may("clerk", shorten)
        shorten(college, actor=clerk_of(college), name="信工")

        college.refresh_from_db()
        assert college.short_name == "信工"
        assert published(UnitsChanged)
        entry = audited()[-1]
        assert (entry.action, entry.outcome) == ("organisation.orgunit.shorten", "done")
        assert entry.data == {"name": "信工"}

    def test_a_refusal_leaves_no_trace_in_data_or_outbox(self, college, may, clerk_of):
        may("clerk", shorten)
        with pytest.raises(Refused):
            shorten(college, actor=clerk_of(college), name="坏")

        college.refresh_from_db()
        assert college.short_name == ""
        assert not published(UnitsChanged)

    def test_without_the_permission_it_is_refused_and_told(self, college, student_actor):
        with pytest.raises(NotAllowed):
            shorten(college, actor=student_actor, name="x")

        assert audited()[-1].outcome == "refused"

    def test_beyond_the_scope_it_is_refused_and_told(self, college, other_college, may, clerk_of):
        may("clerk", shorten)
        with pytest.raises(OutOfScope):
            shorten(other_college, actor=clerk_of(college), name="x")

        assert audited()[-1].outcome == "refused"

    def test_a_row_may_not_leave_the_scope_while_it_runs(self, college, may, clerk_of):
        may("clerk", hang_elsewhere)
        path = college.path

        with pytest.raises(OutOfScope):
            hang_elsewhere(college, actor=clerk_of(college), sibling=college)

        college.refresh_from_db()
        assert college.path == path

    def test_the_row_is_read_afresh_under_its_lock(self, college, may, clerk_of):
        may("clerk", shorten)
        stale = OrgUnit.objects.get(pk=college.pk)
        OrgUnit.objects.filter(pk=college.pk).update(english_name="School of Computing")

        shorten(stale, actor=clerk_of(college), name="信工")

        college.refresh_from_db()
        assert college.english_name == "School of Computing"


class TestOnEach:
    def test_each_row_gets_its_own_answer(self, college, other_college, may, clerk_of):
        may("clerk", shorten)

        outcomes = shorten.on_each([college, other_college], actor=clerk_of(college), name="甲")

        assert [one.done for one in outcomes] == [True, False]


class TestParameters:
    def test_become_questions(self):
        def ask(
            unit: OrgUnit, *, actor: Actor, reason: str, name: str, on: Annotated[date, Label("生效日期", "帮助")],
            into: OrgUnit | None = None, kind: OrgUnit.Kind = OrgUnit.Kind.OTHER,
        ) -> None:  # fmt: skip
            """Nothing."""

        reason, name, on, into, kind = operation("问")(ask).parameters

        assert (reason.label, reason.required) == ("原因", True)
        assert name.label == "单位名称"
        assert (on.label, on.help) == ("生效日期", "帮助")
        assert into.is_model
        assert not into.required
        assert kind.is_choice
