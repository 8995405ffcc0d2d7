"""A teacher is moved to another college in the master data: every door follows within seconds, and says why."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import ldap3
import psycopg
import pytest

from tests.doors.campus import Browser, Campus, eventually, running
from tests.doors.test_ldap import wait_for_port
from tests.journeys.installation import YANTA
from yanta.kernel.testing.processes import free_port

pytest.importorskip("scim2_server", reason="scim2-server is not installed")
LOGIN, PASSWORD = "heron", "Heron-Tower-652"
OLD, NEW = "文学院", "理学院"
OLD_CODE, NEW_CODE = "M100", "M200"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
MAIL = "of-the-mail-system"


@dataclass(frozen=True)
class World:
    """One teacher at a school, its directory, and a mail system that keeps copies."""

    school: Campus
    told: dict[str, Any]
    mail: str
    app: str
    ldap: int

    def api(self, who: str, method: str, path: str, **body: Any) -> httpx.Response:
        key = {"Authorization": f"Bearer {self.told[who]}"}
        return httpx.request(method, f"{self.school.address}/api/v1{path}", headers=key, timeout=30, **body)

    def staff_seen_by(self, who: str) -> list[str]:
        answer = self.api(who, "GET", "/masterdata/staffmember/?q=TM01")
        assert answer.status_code == 200, answer.text
        return [str(one["number"]) for one in answer.json()["items"]]

    def at_the_mail_system(self) -> tuple[str, str, list[str]]:
        """Unit, its code and the groups, as the mail system answers by its own SCIM."""
        key = {"Authorization": f"Bearer {MAIL}"}
        found = httpx.get(
            f"{self.mail}/Users", params={"filter": f'userName eq "{LOGIN}"'}, headers=key
        ).json()
        if not found.get("Resources"):
            return "", "", []
        user = found["Resources"][0]
        groups = httpx.get(f"{self.mail}/Groups", params={"count": 500}, headers=key).json()["Resources"]
        mine = [
            one["displayName"] for one in groups if user["id"] in {m["value"] for m in one.get("members", ())}
        ]
        unit = user.get(ENTERPRISE, {})
        return unit.get("department", ""), unit.get("division", ""), sorted(mine)

    def in_the_directory(self, condition: str) -> list[tuple[str, list[str]]]:
        """Whom the directory finds by a condition: unit and groups."""
        base = "o=campus-ldap,dc=yanta"
        server = ldap3.Server("127.0.0.1", self.ldap)
        with ldap3.Connection(
            server, f"cn=client,{base}", "of-the-directory", auto_bind=True, receive_timeout=60
        ) as line:
            line.search(f"ou=people,{base}", condition, attributes=["ou", "memberOf"])
            return [(one.ou.value, list(one.memberOf.values)) for one in line.entries]  # fmt: skip

    def units_found(self, code: str) -> list[str]:
        """Where the directory finds the teacher among the people of a unit."""
        return [unit for unit, _ in self.in_the_directory(f"(&(uid={LOGIN})(departmentNumber={code}))")]

    def rights(self) -> list[tuple[str, str, bool]]:
        """Role, reason, and whether it still holds."""
        with psycopg.connect(self.school.environ["YANTA_DATABASE_URL"]) as own:
            rows = own.execute(
                "SELECT role, reason, valid_to IS NULL FROM access_rolegrant WHERE account_id = %s ORDER BY valid_from, id",
                [self.told["account"]],
            )
            return rows.fetchall()

    def may_enter(self, code: str) -> tuple[bool, str]:
        """Whether an application's sign-in lets the teacher in, and the page if not."""
        browser, home = Browser(LOGIN, PASSWORD), f"{self.app}{code}/"
        answer = browser.open(f"{self.school.address}/cas/login?service={home}", until=home)
        browser.http.close()
        return answer.is_redirect, answer.text


@pytest.fixture(scope="module")
def world(school: Campus) -> Iterator[World]:
    scim, ldap = free_port(), free_port()
    app, mail = f"http://127.0.0.1:{free_port()}/", f"http://127.0.0.1:{scim}/v2"
    told = _built(school, {"app": app, "scim": mail})
    receiver = [
        str(Path(sys.executable).with_name("scim2-server")),
        "--port",
        str(scim),
        "--bearer-token",
        MAIL,
    ]
    directory = subprocess.Popen([*YANTA, "sso", "ldap", "--port", str(ldap)], env=school.environ)
    try:
        wait_for_port(ldap, directory)
        with receiving(receiver, scim):
            yield World(school, told, mail, app, ldap)
    finally:
        directory.terminate()
        directory.wait(30)


def _built(school: Campus, homes: dict[str, str]) -> dict[str, Any]:
    script = Path(__file__).with_name("moving_school.py").read_text("utf-8")
    done = subprocess.run(
        [*YANTA, "manage", "shell", "-c", script], env={**school.environ, "DOORS_MOVING": json.dumps(homes)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def receiving(command: list[str], port: int) -> Any:
    """The mail system: scim2-server's own command, which nobody here wrote."""
    return running(command, dict(os.environ), f"http://127.0.0.1:{port}/v2/ServiceProviderConfig")


def test_everything_follows_a_move_within_seconds(world: World) -> None:
    eventually(lambda: world.at_the_mail_system() == (OLD, OLD_CODE, sorted([OLD, "教师"])), "the mail system knows the teacher")  # fmt: skip
    assert world.units_found(OLD_CODE) == [OLD]
    assert world.rights() == [("teacher", f"因在{OLD}任职", True)]
    assert (world.staff_seen_by("old_dean"), world.staff_seen_by("new_dean")) == (["TM01"], [])
    assert (world.may_enter("of-letters")[0], world.may_enter("of-science")[0]) == (True, False)

    began = time.monotonic()
    moved = world.api("hr", "PATCH", f"/masterdata/staffmember/{world.told['staff']}/", json={"department": world.told["new"]})  # fmt: skip
    assert moved.status_code == 200, moved.text

    def noted(what: str) -> None:
        print(f"{what}: {time.monotonic() - began:.1f} s after the move")

    assert (world.staff_seen_by("old_dean"), world.staff_seen_by("new_dean")) == ([], ["TM01"])
    noted("staff lists of both deans")
    eventually(
        lambda: world.rights() == [("teacher", f"因在{OLD}任职", False), ("teacher", f"因在{NEW}任职", True)],
        "the old right has ended, the new one holds",
    )
    noted("rights")
    eventually(lambda: world.units_found(NEW_CODE) == [NEW], "LDAP finds the teacher in the new unit")
    assert world.units_found(OLD_CODE) == []
    (((_, groups)),) = world.in_the_directory(f"(uid={LOGIN})")
    assert {one.partition(",")[0] for one in groups} == {f"cn=u{world.told['new']}", "cn=r.teacher"}
    old_group = f"cn=u{world.told['old']},ou=groups,o=campus-ldap,dc=yanta"
    assert world.in_the_directory(f"(&(memberOf={old_group})(uid={LOGIN}))") == []
    noted("LDAP and its groups")
    eventually(lambda: world.at_the_mail_system() == (NEW, NEW_CODE, sorted([NEW, "教师"])), "the mail system has the new unit and groups")  # fmt: skip
    noted("the mail system by SCIM")
    entered, page = world.may_enter("of-letters")
    assert not entered
    assert "不在" in page or "不能进入" in page or "没有" in page, page[:1500]
    assert world.may_enter("of-science")[0]
    noted("applications of the old and the new college")


def test_the_log_says_why(world: World) -> None:
    account = world.told["account"]
    with psycopg.connect(world.school.environ["YANTA_DATABASE_URL"]) as own:
        (said,) = own.execute(
            "SELECT array_agg(protocol || ' ' || step || ' ' || outcome || ' ' || reason ORDER BY id) FROM applications_decision"
            " WHERE account_id = %s", [account],
        ).fetchone() or ([],)  # fmt: skip
        (audited,) = own.execute(
            "SELECT count(*) FROM audit_auditentry WHERE action = 'masterdata.staffmember.edit'"
        ).fetchone() or (0,)
        history = own.execute(
            "SELECT reason, valid_to IS NULL FROM access_rolegrantevent WHERE account_id = %s ORDER BY pgh_id", [account]
        ).fetchall()  # fmt: skip
    assert any(one.startswith("scim tell_user granted") and "已更新" in one for one in said), said
    assert any(one.startswith("cas") and " refused " in one for one in said), said
    assert audited == 1
    assert history[-1] in ((f"因在{OLD}任职", False), (f"因在{NEW}任职", True))
    assert (f"因在{OLD}任职", False) in history
