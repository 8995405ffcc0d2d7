"""The feed into a real OpenLDAP: all of it, changes, leavers, nothing twice, after a kill, and what others changed there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import ldap3
import pytest
from django.db import connection
from django.utils import timezone

from tests.doors import slapd_peer
from tests.doors.apache import NotToBeHad
from tests.doors.slapd_peer import ADMIN, BASE, SECRET, Slapd
from yanta.config import databases
from yanta.kernel.identity.models import Account
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Affiliation
from yanta.kernel.testing.factories import AccountFactory, PersonFactory, RoleGrantFactory
from yanta.sso.applications.models import Decision
from yanta.sso.applications.tests import factories as sso
from yanta.sso.scim.models import Copy, Reconciliation, Target
from yanta.sso.scim.provisioning import queue, reconciling

SENDER = "import django; django.setup(); from yanta.sso.scim.provisioning import queue; queue.send_due()"


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    try:
        with slapd_peer.serving(tmp_path_factory.mktemp("slapd")) as made:
            yield made
    except NotToBeHad as reason:
        pytest.skip(f"OpenLDAP is not to be had here: {reason}")


@pytest.fixture
def emptied(slapd: Slapd) -> Slapd:
    with slapd.line() as line:
        for dn in sorted(slapd.entries("(objectClass=*)"), key=len, reverse=True):
            if dn != BASE:
                line.delete(dn)
    return slapd


@pytest.fixture
def target(emptied: Slapd) -> Target:
    app = sso.application("own-ldap")
    sso.released(app, "username", "name", "email", "unit_code", "unit_name", "staff_number")
    # Written as people write it: spaces and capitals are nothing to LDAP.
    base = BASE.replace(",", ", ")
    return Target.objects.create(
        application=app, wire="openldap", url=emptied.url, login=ADMIN, base=base, secret=SECRET
    )


def member(name: str, unit: OrgUnit, number: str) -> Account:
    person = PersonFactory.create(home_unit=unit, name=name, email=f"{number}@campus.example")
    Affiliation.objects.create(person=person, role="staff", number=number, org_unit=unit)
    made: Account = AccountFactory.create(person=person, name=name, username=number)
    return made


def send() -> None:
    queue.take_notes()
    queue.send_due()


def dn(account: Account) -> str:
    return f"uid={account.username},ou=people,{BASE}"


def added_up(made: Reconciliation) -> tuple[int, int, int, int, int]:
    assert made.read == made.new + made.changed + made.unchanged + made.ended + made.failed
    return made.new, made.changed, made.ended, made.failed, made.foreign


@pytest.mark.django_db
class TestFeed:
    def test_everybody_and_their_groups_come_and_nothing_comes_twice(
        self, target: Target, emptied: Slapd
    ) -> None:
        college = sso.unit(name="物理学院", code="W1")
        anna, ben = member("安娜", college, "s001"), member("本,=+ 杰明", college, "s002")
        RoleGrantFactory.create(account=anna, role="teacher", org_unit=college)
        send()

        found = emptied.entries()
        assert set(found) == {dn(anna), dn(ben)}
        assert found[dn(anna)]["cn"] == ["安娜"]
        assert found[dn(anna)]["mail"] == ["s001@campus.example"]
        assert (found[dn(anna)]["departmentNumber"], found[dn(anna)]["ou"]) == (["W1"], ["物理学院"])
        assert "userPassword" not in found[dn(anna)]
        groups = emptied.entries("(objectClass=groupOfNames)")
        assert set(groups[f"cn=u{college.pk},ou=groups,{BASE}"]["member"]) == {dn(anna), dn(ben)}
        assert groups[f"cn=r.teacher,ou=groups,{BASE}"]["member"] == [dn(anna)]

        written = {name: one["entryCSN"] for name, one in emptied.entries("(objectClass=*)").items()}
        made = reconciling.reconcile(target)
        assert added_up(made) == (0, 0, 0, 0, 0)
        assert made.unchanged == 4
        assert {name: one["entryCSN"] for name, one in emptied.entries("(objectClass=*)").items()} == written

    def test_changes_and_leavers(self, target: Target, emptied: Slapd) -> None:
        college, other = sso.unit(name="物理学院", code="W1"), sso.unit(name="化学学院", code="H1")
        anna, ben = member("安娜", college, "s001"), member("本", college, "s002")
        send()
        Affiliation.objects.filter(person=anna.person).update(org_unit=other)
        type(anna.person).objects.filter(pk=anna.person_id).update(home_unit=other, email="")
        Account.objects.filter(pk=ben.pk).update(state=Account.State.CLOSED)
        send()

        found = emptied.entries()
        assert set(found) == {dn(anna)}
        assert found[dn(anna)]["ou"] == ["化学学院"]
        assert not found[dn(anna)].get("mail")
        groups = emptied.entries("(objectClass=groupOfNames)")
        assert set(groups) == {f"cn=u{other.pk},ou=groups,{BASE}"}
        assert added_up(reconciling.reconcile(target)) == (0, 0, 0, 0, 0)

        Account.objects.filter(pk=ben.pk).update(state=Account.State.ACTIVE)
        send()
        assert set(emptied.entries()) == {dn(anna), dn(ben)}

    def test_what_others_changed_there_is_reported_and_put_right(
        self, target: Target, emptied: Slapd
    ) -> None:
        college = sso.unit(name="物理学院", code="W1")
        anna, ben, carl = (
            member(name, college, f"s00{at}") for at, name in enumerate(("安娜", "本", "卡尔"))
        )
        send()
        group, stranger = f"cn=u{college.pk},ou=groups,{BASE}", f"uid=theirs,ou=people,{BASE}"
        with emptied.line() as line:
            assert line.modify(dn(anna), {"mail": [(ldap3.MODIFY_REPLACE, ["evil@elsewhere.example"])]})
            assert line.delete(dn(ben))
            assert line.modify(group, {"member": [(ldap3.MODIFY_DELETE, [dn(carl)])]})
            assert line.add(stranger, ["inetOrgPerson"], {"cn": "theirs", "sn": "theirs"})

        made = reconciling.reconcile(target)

        assert added_up(made) == (1, 2, 0, 0, 1)
        found = emptied.entries()
        assert found[dn(anna)]["mail"] == ["s000@campus.example"]
        assert set(found) == {dn(anna), dn(ben), dn(carl), stranger}
        assert dn(carl) in emptied.entries("(objectClass=groupOfNames)")[group]["member"]
        said = set(Decision.objects.filter(protocol="scim", account=anna).values_list("reason", flat=True))
        assert "安娜：对方的内容被改过，已改回" in said

    def test_a_wrong_password_or_no_server_is_a_trouble_in_words(self, target: Target) -> None:
        member("安娜", sso.unit(), "s001")
        Target.objects.update(secret="wrong", with_groups=False)
        send()
        copy = Copy.objects.get(noun="user", key=str(Account.objects.get(username="s001").pk))
        assert (copy.state, "绑定失败" in copy.said) == (Copy.State.WAITING, True)
        Target.objects.update(secret=SECRET, url="ldap://127.0.0.1:1")
        Copy.objects.update(due_at=timezone.now())
        queue.send_due()
        copy.refresh_from_db()
        assert copy.state == Copy.State.WAITING
        assert "LDAP" in copy.said
        Target.objects.update(url="ldap://ldap.elsewhere.example")
        Copy.objects.update(due_at=timezone.now())
        queue.send_due()
        copy.refresh_from_db()
        assert (copy.state, "ldaps" in copy.said) == (Copy.State.FAILED, True)


@pytest.mark.django_db(transaction=True)
def test_a_feed_that_is_killed_goes_on_where_it_was(target: Target, emptied: Slapd) -> None:
    college = sso.unit(name="物理学院", code="W1")
    for number in range(300):
        member(f"某{number}", college, f"k{number:03}")
    queue.take_notes()
    sender = subprocess.Popen([sys.executable, "-c", SENDER], env={**os.environ, **_same_database()})
    deadline = time.monotonic() + 120
    while len(emptied.entries()) < 20 and time.monotonic() < deadline:
        assert sender.poll() is None, "the sender ended by itself"
    sender.send_signal(signal.SIGKILL)
    sender.wait()
    there = len(emptied.entries())
    assert 20 <= there < 300

    # What the killed one had claimed waits for the end of its lease.
    Copy.objects.filter(state=Copy.State.WAITING).update(due_at=timezone.now())
    queue.send_due()

    assert len(emptied.entries()) == 300
    assert (
        len(emptied.entries("(objectClass=groupOfNames)")[f"cn=u{college.pk},ou=groups,{BASE}"]["member"])
        == 300
    )
    assert not Copy.objects.filter(state__in=(Copy.State.WAITING, Copy.State.FAILED)).exists()
    made = reconciling.reconcile(target)
    assert added_up(made) == (0, 0, 0, 0, 0)
    assert made.unchanged == 301


def _same_database() -> dict[str, str]:
    address = databases.address_of(connection.settings_dict)
    return {"YANTA_DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "yanta.config.settings"}
