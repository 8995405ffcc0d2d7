"""The queue and the receipt, against a target in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.identity.models import Account
from yanta.kernel.testing.factories import AccountFactory, PersonFactory, RoleGrantFactory
from yanta.sso.applications.models import AccessRule, AttributeRelease, Decision
from yanta.sso.applications.tests import factories as sso
from yanta.sso.scim import services
from yanta.sso.scim.models import Change, Copy, Target
from yanta.sso.scim.provisioning import queue, reconciling, wires

pytestmark = pytest.mark.django_db
State = Copy.State


class Memory:
    """A target that does what it is told, or says what it was told to say."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.trouble: wires.Trouble | None = None
        self.asked = 0

    def put(self, noun: str, key: str, remote_id: str, content: dict[str, Any]) -> str:
        self.asked += 1
        if self.trouble:
            raise self.trouble
        self.rows[f"r-{key}"] = {"noun": noun, "active": True, **content}
        return f"r-{key}"

    def end(self, noun: str, key: str, remote_id: str, *, delete: bool) -> None:
        self.asked += 1
        if delete:
            self.rows.pop(remote_id, None)
        elif remote_id in self.rows:
            self.rows[remote_id]["active"] = False

    def differs(self, noun: str, held: dict[str, Any], sent: dict[str, Any]) -> bool:
        return any(held[name] != sent[name] for name in held if name in sent)

    def held(self, noun: str) -> Iterator[tuple[str, dict[str, Any]]]:
        yield from ((key, row) for key, row in self.rows.items() if row["noun"] == noun)


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Memory:
    made = Memory()

    @contextmanager
    def opened(target: Target) -> Iterator[Memory]:
        yield made

    monkeypatch.setitem(wires._openers, "scim", opened)
    return made


@pytest.fixture
def target() -> Target:
    app = sso.application("mail")
    sso.released(app, "name", "email")
    return Target.objects.create(application=app, url="https://mail.example/scim/v2")


def send() -> None:
    queue.take_notes()
    queue.send_due()


class TestQueue:
    def test_what_the_database_noted_is_told_once(self, target: Target, memory: Memory) -> None:
        account = sso.account(unit=target.application.owner, name="安娜")
        assert Change.objects.filter(account_id=account.pk).exists()

        send()
        assert memory.rows[f"r-{account.pk}"]["displayName"] == "安娜"
        asked = memory.asked
        queue.enqueue(target, Copy.Noun.USER, [str(account.pk)])
        send()
        assert memory.asked == asked

    def test_whoever_leaves_is_deactivated(self, target: Target, memory: Memory) -> None:
        account = sso.account(unit=target.application.owner)
        send()

        Account.objects.filter(pk=account.pk).update(state=Account.State.CLOSED)
        send()

        assert memory.rows[f"r-{account.pk}"]["active"] is False
        assert Copy.objects.get(target=target, noun="user").state == State.GONE

    def test_a_failure_waits_longer_each_time_and_says_why(self, target: Target, memory: Memory) -> None:
        target.with_groups = False
        target.save()
        sso.account(unit=target.application.owner)
        memory.trouble = wires.Trouble("连接被拒绝")
        send()
        copy = Copy.objects.get(target=target)
        assert (copy.state, copy.said) == (State.WAITING, "连接被拒绝")
        assert copy.due_at is not None
        assert copy.due_at > timezone.now()
        assert Decision.objects.filter(protocol="scim", outcome="failed").exists()

        memory.trouble = wires.Trouble("对方回答 400", lasting=True)
        Copy.objects.update(due_at=timezone.now())
        queue.send_due()
        assert Copy.objects.get().state == State.FAILED

        memory.trouble = None
        services.retry_failed(target, actor=_system())
        queue.send_due()
        assert Copy.objects.get().state == State.CURRENT

    def test_what_changes_while_it_is_sent_is_sent_again(self, target: Target, memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
        account = sso.account(unit=target.application.owner, name="旧名")
        put = memory.put

        def meanwhile(noun: str, key: str, remote_id: str, content: dict[str, Any]) -> str:
            if noun == "user":
                Account.objects.filter(pk=account.pk, name="旧名").update(name="新名")
                queue.take_notes()
            return put(noun, key, remote_id, content)

        monkeypatch.setattr(memory, "put", meanwhile)
        send()

        assert memory.rows[f"r-{account.pk}"]["displayName"] == "新名"


class TestTerms:
    """Nobody's facts change: who gets in and what is told does."""

    def test_a_new_target_is_filled_with_who_was_there_before(self, memory: Memory) -> None:
        account, app = sso.account(name="早到"), sso.application("late")
        sso.released(app, "name")
        send()
        assert not memory.rows

        Target.objects.create(application=app, url="https://late.example/scim/v2")
        send()

        assert memory.rows[f"r-{account.pk}"]["displayName"] == "早到"

    def test_rules_and_releases_are_followed_and_a_removed_rule_too(
        self, target: Target, memory: Memory
    ) -> None:
        account = sso.account(unit=target.application.owner, name="安娜")
        send()
        AttributeRelease.objects.filter(application=target.application, attribute="email").delete()
        send()
        assert not memory.rows[f"r-{account.pk}"].get("emails")

        rule = AccessRule.objects.create(
            application=target.application, effect="deny", unit=target.application.owner
        )
        send()
        assert memory.rows[f"r-{account.pk}"]["active"] is False

        rule.delete()
        send()
        assert memory.rows[f"r-{account.pk}"]["active"] is True

    def test_groups_go_when_they_are_not_wanted_any_more(self, target: Target, memory: Memory) -> None:
        sso.account(unit=target.application.owner)
        RoleGrantFactory.create(role="teacher")
        send()
        assert [key for key in memory.rows if key.startswith("r-r.teacher")]

        Target.objects.filter(pk=target.pk).update(with_groups=False)
        send()
        assert not [key for key, row in memory.rows.items() if row["noun"] == "group"]


class TestReceipt:
    def test_it_adds_up_and_leaves_strangers_alone(self, target: Target, memory: Memory) -> None:
        Target.objects.update(with_groups=False)
        target.refresh_from_db()
        kept, changed, lost, leaving = (sso_account(target, name) for name in ("甲", "乙", "丙", "丁"))
        send()
        memory.rows[f"r-{changed.pk}"]["displayName"] = "被改过"
        del memory.rows[f"r-{lost.pk}"]
        memory.rows["stranger"] = {"noun": "user", "displayName": "别人", "active": True}
        Account.objects.filter(pk=leaving.pk).update(state=Account.State.CLOSED)

        made = reconciling.reconcile(target)

        assert made.read == made.new + made.changed + made.unchanged + made.ended + made.failed
        assert (made.new, made.changed, made.ended, made.failed, made.foreign) == (1, 1, 1, 0, 1)
        assert memory.rows[f"r-{changed.pk}"]["displayName"] == "乙"
        assert memory.rows["stranger"]["active"] is True
        assert kept


def sso_account(target: Target, name: str) -> Account:
    person = PersonFactory.create(home_unit=target.application.owner, name=name)
    made: Account = AccountFactory.create(person=person, name=name)
    return made


def _system() -> Any:
    return Actor.system("test")
