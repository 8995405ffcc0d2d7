"""Simple binds read without ldaptor: the same as ldaptor reads and writes, and nothing else is taken for one."""

from __future__ import annotations

import random

import pytest
from ldaptor.protocols import pureldap
from ldaptor.protocols.ldap import ldaperrors

from yanta.sso.ldap.plain import SimpleBind, done, simple_bind


def bind(number: int = 7, dn: str = "uid=goose,dc=yanta", auth: str = "secret", **more: object) -> bytes:
    request = pureldap.LDAPBindRequest(dn=dn, auth=auth, **more)
    return bytes(pureldap.LDAPMessage(request, id=number).toWire())


@pytest.mark.parametrize("number", [0, 1, 127, 128, 255, 256, 32_767, 32_768, 2**31 - 1])
@pytest.mark.parametrize("password", ["", "secret", "密码" * 40, "x" * 300])
def test_reads_what_ldaptor_writes(number: int, password: str) -> None:
    found = simple_bind(bind(number, "uid=鹅,ou=people,dc=yanta", password))

    assert found == SimpleBind(number, "uid=鹅,ou=people,dc=yanta", password)


@pytest.mark.parametrize("number", [0, 1, 127, 128, 255, 256, 32_767, 32_768, 2**31 - 1])
def test_answers_as_ldaptor_does(number: int) -> None:
    answer = pureldap.LDAPBindResponse(resultCode=ldaperrors.Success.resultCode)

    assert done(number) == pureldap.LDAPMessage(answer, id=number).toWire()


@pytest.mark.parametrize(
    "raw",
    [
        bind(version=2),
        bind(auth=("PLAIN", "x"), sasl=True),
        bytes(pureldap.LDAPMessage(pureldap.LDAPUnbindRequest(), id=1).toWire()),
        bytes(pureldap.LDAPMessage(pureldap.LDAPBindRequest(dn="x", auth="y"), id=1, controls=[("1.2.3", None, None)]).toWire()),
        bind() + b"\0", bind()[:-1], b"", b"\x30", b"\x30\x80\x02\x01\x01", b"\x30\x84\xff\xff\xff\xff",
    ],
    ids=["version 2", "sasl", "unbind", "controls", "more", "less", "nothing", "head", "indefinite", "huge"],
)  # fmt: skip
def test_leaves_everything_else_to_ldaptor(raw: bytes) -> None:
    assert simple_bind(raw) is None


def test_never_fails_on_nonsense() -> None:
    chance, good = random.Random(7), bind(auth="x" * 200)
    for _ in range(3000):
        bent = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            bent[chance.randrange(len(bent))] = chance.randrange(256)
        found = simple_bind(bytes(bent[: chance.randint(0, len(bent))] if chance.random() < 0.3 else bent))
        assert found is None or isinstance(found, SimpleBind)
