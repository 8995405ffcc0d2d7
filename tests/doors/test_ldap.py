"""The directory as `ldapsearch` and `ldap3` meet it, and what must not get through."""

from __future__ import annotations

import contextlib
import datetime
import random
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ldap3
import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.auth.hashers import make_password
from ldaptor.protocols import pureldap

from tests.doors.campus import LOGIN, PASSWORD, Campus
from tests.journeys.installation import YANTA
from yanta.kernel.testing.processes import free_port


@dataclass(frozen=True)
class Directory:
    """Where it answers, and what the test kit gave."""

    port: int
    secure_port: int
    kit: dict[str, Any]

    @property
    def user(self) -> str:
        return f"uid={LOGIN},{self.kit['people']}"

    def connection(self, dn: str, password: str, *, tls: bool = False) -> ldap3.Connection:
        wanted = ldap3.Tls(validate=ssl.CERT_NONE)
        server = ldap3.Server("127.0.0.1", self.secure_port if tls else self.port, use_ssl=tls, tls=wanted)
        return ldap3.Connection(server, dn, password, receive_timeout=60)


def certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    began = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(began).not_valid_after(began + datetime.timedelta(days=9))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "ldap.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the server does not answer")


@pytest.fixture(scope="module")
def directory(school: Campus, kit: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Directory]:  # fmt: skip
    port, secure = free_port(), free_port()
    pem = certificate(tmp_path_factory.mktemp("ldap"))
    command = [*YANTA, "sso", "ldap", "--port", str(port), "--ldaps-port", str(secure), "--certificate", str(pem)]  # fmt: skip
    process = subprocess.Popen(command, env=school.environ)
    try:
        wait_for_port(port, process)
        yield Directory(port, secure, kit["clients"]["ldap"])
    finally:
        process.terminate()
        process.wait(30)


def bound(directory: Directory) -> ldap3.Connection:
    connection = directory.connection(directory.kit["bind_dn"], directory.kit["bind_password"])
    assert connection.bind(), connection.result
    return connection


class TestLdap3:
    def test_finds_a_person_with_groups_and_then_checks_the_password(self, directory: Directory) -> None:
        client = bound(directory)
        client.search(directory.kit["people"], f"(&(objectClass=person)(uid={LOGIN}))", attributes=["*"])
        (found,) = client.entries
        assert found.entry_dn == directory.user
        assert found.cn.value == "Goose"
        assert found.departmentNumber.value == "0001"
        assert any(one.startswith("cn=r.teacher,") for one in found.memberOf.values)

        as_person = directory.connection(found.entry_dn, PASSWORD, tls=True)
        assert as_person.bind()
        assert as_person.extend.standard.who_am_i() == f"u:{LOGIN}"
        as_person.search(directory.kit["people"], "(objectClass=person)", attributes=["uid"])
        assert [one.uid.value for one in as_person.entries] == [LOGIN]

    def test_finds_groups_by_member_and_people_by_group(self, directory: Directory) -> None:
        client = bound(directory)
        client.search(
            directory.kit["groups"], f"(member={directory.user})", attributes=["cn", "description", "member"]
        )
        assert {"信息中心", "教师"} <= {one.description.value for one in client.entries}
        group = next(one.entry_dn for one in client.entries if one.description.value == "信息中心")
        client.search(directory.kit["people"], f"(memberOf={group})", attributes=["uid"])
        assert [one.uid.value for one in client.entries] == [LOGIN]

    def test_pages_and_scopes(self, directory: Directory) -> None:
        client = bound(directory)
        base = directory.kit["people"].partition(",")[2]
        found = list(
            client.extend.standard.paged_search(base, "(objectClass=*)", paged_size=2, generator=True)
        )
        names = [one["dn"] for one in found]
        assert len(names) == len(set(names)) >= 5
        client.search(base, "(objectClass=*)", search_scope=ldap3.LEVEL)
        assert len(client.entries) == 2
        client.search(directory.user, "(objectClass=*)", search_scope=ldap3.BASE)
        assert len(client.entries) == 1


class TestLdapsearch:
    def test_over_starttls(self, directory: Directory) -> None:
        tool = shutil.which("ldapsearch")
        if tool is None:
            pytest.skip("ldapsearch is not installed")
        done = subprocess.run(
            [
                tool, "-LLL", "-ZZ", "-H", f"ldap://127.0.0.1:{directory.port}", "-D", directory.kit["bind_dn"], "-w",
                directory.kit["bind_password"], "-b", directory.kit["people"], "-E", "pr=10/noprompt", f"(uid={LOGIN})", "cn", "mail",
            ],
            env={"LDAPTLS_REQCERT": "never"}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "cn: Goose" in done.stdout
        assert "mail: goose@campus.example" in done.stdout


class TestNobodyGetsIn:
    def test_wrong_passwords_strangers_and_nobody(self, directory: Directory, school: Campus) -> None:
        for dn, password in (
            (directory.user, "wrong"), (directory.kit["bind_dn"], "wrong"), (f"uid=nobody,{directory.kit['people']}", PASSWORD),
            (directory.user.replace("o=testkit-ldap", "o=python"), PASSWORD), ("cn=admin,dc=elsewhere", PASSWORD),
        ):  # fmt: skip
            assert not directory.connection(dn, password).bind(), dn
        nobody = directory.connection("", "")
        assert not nobody.bind()
        assert not nobody.search(directory.kit["people"], "(objectClass=*)")
        client = bound(directory)
        assert not client.add(f"uid=evil,{directory.kit['people']}", "person", {"sn": "x", "cn": "x"})
        assert not client.delete(directory.user)

    def test_filters_are_values_not_statements(self, directory: Directory) -> None:
        client = bound(directory)
        for text in (
            r"(uid=*\29\28uid=\2a)", "(uid=' OR 1=1 --)", "(cn=%)", "(cn=_oose)", "(password=*)", "(userPassword=*)", r"(cn=\00)",
            "(|)", "(!(uid=*))",
        ):  # fmt: skip
            try:
                client.search(directory.kit["people"], text, attributes=["uid"])
            except ldap3.core.exceptions.LDAPException:
                continue
            assert not client.entries, text

    def test_too_large_and_garbage_end_the_connection(self, directory: Directory) -> None:
        for sent in (b"\x30\x84\x7f\xff\xff\xff", b"GET / HTTP/1.1\r\n\r\n", b"\x30\x05\x02\x01\x01\x60\x82"):
            with socket.create_connection(("127.0.0.1", directory.port), 60) as line:
                line.sendall(sent)
                line.shutdown(socket.SHUT_WR)
                while line.recv(4096):
                    pass


@contextmanager
def changed(school: Campus, **values: object) -> Iterator[None]:
    """The account as somebody else left it a moment ago; as before afterwards."""
    with psycopg.connect(school.environ["YANTA_DATABASE_URL"], autocommit=True) as own:
        names = ", ".join(values)
        kept = (
            own.execute(f"SELECT {names} FROM identity_account WHERE username = %s", [LOGIN]).fetchone() or ()
        )
        setting = ", ".join(f"{name} = %s" for name in values)
        own.execute(f"UPDATE identity_account SET {setting} WHERE username = %s", [*values.values(), LOGIN])
        try:
            yield
        finally:
            own.execute(f"UPDATE identity_account SET {setting} WHERE username = %s", [*kept, LOGIN])


class TestGateways:
    """As mail gateways and Wi-Fi controllers come: again and again, many at once, and not always politely."""

    def test_the_very_next_bind_sees_a_lock_and_a_changed_password(
        self, directory: Directory, school: Campus
    ) -> None:
        line = directory.connection(directory.user, PASSWORD)
        assert line.bind()
        assert line.rebind()
        with changed(school, state="locked"):
            assert not line.rebind()
        assert line.rebind()
        with changed(school, password=make_password("Another-Tower-652")):
            assert not line.rebind()
            assert directory.connection(directory.user, "Another-Tower-652").bind()
        assert line.rebind()

    def test_many_at_once_some_wrong_some_gone_before_the_answer(self, directory: Directory) -> None:
        def gateway(number: int) -> bool:
            if number % 8 == 0:
                with socket.create_connection(("127.0.0.1", directory.port), 60) as line:
                    line.sendall(_bind(directory.user, PASSWORD))
                return True
            if number % 20 == 1:
                return not directory.connection(f"uid=nobody{number},{directory.kit['people']}", "x").bind()
            one = directory.connection(directory.user, PASSWORD)
            return all([one.bind(), *(one.rebind() for _ in range(5)), one.unbind()])

        with ThreadPoolExecutor(40) as pool:
            assert all(pool.map(gateway, range(120)))
        assert bound(directory).bound

    def test_malformed_messages_end_one_connection_and_nothing_else(self, directory: Directory) -> None:
        whole = _bind(directory.user, PASSWORD)
        rng = random.Random(7)
        broken = [whole[:size] for size in range(1, len(whole), 5)]
        broken += [b"\x30\x84" + one for one in broken[:4]]
        broken += [b"\x30\x28" + bytes(rng.randrange(256) for _ in range(40)) for _ in range(40)]
        for sent in broken:
            with socket.create_connection(("127.0.0.1", directory.port), 60) as line:
                line.sendall(sent)
                line.shutdown(socket.SHUT_WR)
                while line.recv(4096):
                    pass
        assert bound(directory).bound

    def test_large_searches_are_cut_and_deep_ones_refused(self, directory: Directory) -> None:
        client = bound(directory)
        base = directory.kit["people"].partition(",")[2]
        client.search(base, "(objectClass=*)", attributes=["*"], size_limit=1)
        assert (client.result["result"], len(client.entries)) == (4, 1)
        client.search(base, "(!" * 60 + "(uid=*)" + ")" * 60)
        assert client.result["result"] != 0
        assert not client.entries
        long = "(|" + "".join(f"(uid=n{number})" for number in range(6000)) + ")"
        with contextlib.suppress(ldap3.core.exceptions.LDAPException):
            client.search(base, long)
        assert bound(directory).bound


def _bind(dn: str, password: str) -> bytes:
    return bytes(pureldap.LDAPMessage(pureldap.LDAPBindRequest(dn=dn, auth=password), id=1).toWire())
