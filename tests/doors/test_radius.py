"""FreeRADIUS with the files that the school writes: `radtest` and `eapol_test` get onto the network, or do not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.rows import dict_row

from tests.doors.apache import NotToBeHad
from tests.doors.campus import LOGIN, PASSWORD, Campus
from tests.doors.radius_peer import Radius, serving
from tests.doors.saml_peers import Files, files_in

OTHERS = "Wren-Tower-652"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return files_in(tmp_path_factory.mktemp("radius-certificate"))


@pytest.fixture(scope="module")
def radius(
    school: Campus, kit: dict[str, Any], certificate: Files, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Radius]:
    school.yanta("manage", "shell", "-c", Path(__file__).with_name("radius_school.py").read_text("utf-8"))
    cache, folder = Path.home() / ".cache" / "yanta-peers" / "radius", tmp_path_factory.mktemp("radius")
    folder.chmod(0o755)
    try:
        with serving(cache, folder, kit["clients"]["radius"]["freeradius"], certificate) as made:
            yield made
    except NotToBeHad as reason:
        pytest.skip(
            f"FreeRADIUS with its rest module, radtest and eapol_test are not to be had here: {reason}"
        )


def last(school: Campus, account: str | None) -> dict[str, Any]:
    """The newest decision of this door about somebody."""
    with psycopg.connect(school.environ["YANTA_DATABASE_URL"], row_factory=dict_row) as own:
        found = own.execute(
            "SELECT d.outcome, d.rule, d.reason, d.service, p.code AS application FROM applications_decision d"
            " LEFT JOIN identity_account a ON a.id = d.account_id LEFT JOIN applications_application p ON p.id = d.application_id"
            " WHERE d.protocol = 'radius' AND a.username IS NOT DISTINCT FROM %s ORDER BY d.id DESC LIMIT 1",
            [account],
        ).fetchone()
    return found or {}


class TestRadtest:
    def test_a_right_password_gets_the_network_of_who_somebody_is(
        self, radius: Radius, school: Campus
    ) -> None:
        answer, told = radius.radtest(LOGIN, PASSWORD)
        assert answer == "Access-Accept", answer
        assert (told["Tunnel-Type"], told["Tunnel-Medium-Type"], told["Tunnel-Private-Group-Id"]) == (
            "VLAN",
            "IEEE-802",
            "20",
        )
        assert (told["Session-Timeout"], told["User-Name"]) == ("3600", LOGIN)
        assert (last(school, LOGIN)["outcome"], last(school, LOGIN)["reason"]) == ("granted", "VLAN 20")

        answer, told = radius.radtest("wren@campus.example", OTHERS)
        assert (answer, told["Tunnel-Private-Group-Id"]) == ("Access-Accept", "30")

    @pytest.mark.parametrize(
        ("name", "password", "rule"),
        [
            ("wren", "wrong", "identity.wrong"),
            ("dodo", OTHERS, "identity.state"),
            ("finch", OTHERS, "identity.duty"),
            ("shrike", OTHERS, "rule.deny"),
        ],
    )
    def test_others_are_turned_away_and_it_is_logged(self, radius: Radius, school: Campus, name: str, password: str, rule: str) -> None:  # fmt: skip
        answer, told = radius.radtest(name, password)
        assert answer == "Access-Reject", answer
        assert "Tunnel-Private-Group-Id" not in told
        noted = last(school, name)
        assert (noted["outcome"], noted["rule"]) == ("refused", rule), noted
        assert noted["application"] == "testkit-radius"

    def test_nobody_is_turned_away_too(self, radius: Radius, school: Campus) -> None:
        assert radius.radtest("nobody-at-all", "x")[0] == "Access-Reject"
        assert last(school, None)["rule"] == "identity.wrong"

    def test_guessing_locks_out_even_with_the_right_password(self, radius: Radius, school: Campus) -> None:
        answers = [radius.radtest("swift", f"guess-{number}")[0] for number in range(6)]
        assert set(answers) == {"Access-Reject"}
        assert radius.radtest("swift", OTHERS)[0] == "Access-Reject"
        assert last(school, "swift")["rule"] == "identity.lockout"

    @pytest.mark.parametrize("method", ["chap", "mschap"])
    def test_methods_without_a_password_are_told_and_refused(self, radius: Radius, school: Campus, method: str) -> None:  # fmt: skip
        assert radius.radtest(LOGIN, PASSWORD, method=method)[0] == "Access-Reject"
        assert last(school, None)["rule"] == "radius.method"


class TestEap:
    def test_ttls_with_pap_gets_the_network(self, radius: Radius, school: Campus, certificate: Files) -> None:
        accepted, said = radius.eapol(LOGIN, PASSWORD, certificate.certificate)
        assert accepted, said[-3000:]
        assert "Attribute 81 (Tunnel-Private-Group-Id)" in said
        assert "Value: '20'" in said or "Value: 3230" in said
        noted = last(school, LOGIN)
        assert noted["outcome"] == "granted"
        assert "02-00-00-00-00-17" in noted["service"]

    def test_ttls_with_a_wrong_password_does_not(
        self, radius: Radius, school: Campus, certificate: Files
    ) -> None:
        assert not radius.eapol(LOGIN, "wrong", certificate.certificate)[0]
        assert (last(school, LOGIN)["outcome"], last(school, LOGIN)["rule"]) == ("refused", "identity.wrong")

    def test_ttls_with_mschapv2_inside_is_told_and_refused(self, radius: Radius, school: Campus, certificate: Files) -> None:  # fmt: skip
        assert not radius.eapol(LOGIN, PASSWORD, certificate.certificate, inner="auth=MSCHAPV2")[0]
        assert last(school, None)["rule"] == "radius.method"

    def test_peap_is_not_offered(self, radius: Radius, certificate: Files) -> None:
        assert not radius.eapol(
            LOGIN, PASSWORD, certificate.certificate, method="PEAP", inner="auth=MSCHAPV2"
        )[0]

    def test_a_certificate_of_somebody_else_is_not_trusted_by_the_device(self, radius: Radius, tmp_path: Path) -> None:  # fmt: skip
        other = files_in(tmp_path / "other")
        assert not radius.eapol(LOGIN, PASSWORD, other.certificate)[0]


class TestTheServerItself:
    def test_a_wrong_secret_gets_nothing(self, radius: Radius, school: Campus, kit: dict[str, Any]) -> None:
        asked = {"User-Name": {"value": [LOGIN]}, "User-Password": {"value": [PASSWORD]}}
        url = kit["clients"]["radius"]["url"]
        for auth in (("testkit-radius", "wrong"), ("nobody", "x"), None):
            answer = httpx.post(url, json=asked, auth=auth)
            assert answer.status_code == 403
        assert last(school, None)["rule"] == "radius.secret"

    def test_what_is_no_radius_is_refused(self, radius: Radius, kit: dict[str, Any]) -> None:
        client = kit["clients"]["radius"]
        auth = (client["name"], client["secret"])
        for body in (b"", b"[1]", b"{", b'{"User-Name": 1}', b"x" * 20_000):
            assert httpx.post(client["url"], content=body, auth=auth).status_code == 403, body[:20]
