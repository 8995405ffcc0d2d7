import random
from hashlib import sha1

import pytest
from click.testing import CliRunner

from yanta.config.cli.identity import identity
from yanta.kernel.base import Refused
from yanta.kernel.identity import leaked, passwords, rules
from yanta.kernel.identity.leaked_import import import_file
from yanta.kernel.identity.models import Account
from yanta.kernel.identity.tests import factories

GOOD = "Pagoda-Goose-1300"


def line(password: str, seen: int = 5) -> str:
    return f"{sha1(password.encode(), usedforsecurity=False).hexdigest().upper()}:{seen}"


@pytest.fixture
def imported(tmp_path):
    """`imported("a", "b")`: these passwords are in the school's collection."""

    def make(*words: str, **options):
        source = tmp_path / "pwned.txt"
        source.write_text("\n".join(line(word) for word in words), "ascii")
        return import_file(source, **options)

    return make


class TestCollection:
    def test_a_million_entries_are_all_found_and_others_are_not(self, tmp_path):
        draw = random.Random(7)
        keys = [draw.randbytes(20) for _ in range(1_000_000)]
        source = tmp_path / "pwned.txt"
        with source.open("w") as file:
            file.writelines(f"{key.hex().upper()}:{n % 9 + 1}\r\n" for n, key in enumerate(keys))
        receipt = import_file(source)
        found = leaked.collection()
        assert found is not None
        assert (receipt.read, receipt.kept, receipt.adds_up) == (1_000_000, 1_000_000, True)
        assert receipt.size == leaked.HEAD.size + leaked.INDEX_BYTES + 5 * receipt.kept
        assert all(found.holds(key[: leaked.KEY_BYTES]) for key in keys)
        others = (draw.randbytes(leaked.KEY_BYTES) for _ in range(200_000))
        assert not any(found.holds(key) for key in others)

    @pytest.mark.parametrize(
        "edge", [b"\x00" * 7, b"\xff" * 7, b"\x00\x00" + b"\xff" * 5, b"\xff\xff" + b"\x00" * 5]
    )
    def test_the_first_and_the_last_of_a_bucket(self, tmp_path, edge):
        source = tmp_path / "pwned.txt"
        source.write_text(f"{edge.hex()}{'0' * 26}:1\n")
        import_file(source)
        found = leaked.collection()
        assert found is not None
        assert found.holds(edge)
        assert not found.holds(bytes(7) if edge != bytes(7) else b"\x01" * 7)

    def test_the_receipt_counts_every_line(self, tmp_path):
        source = tmp_path / "pwned.txt"
        source.write_text(
            "\n".join([line("a", 9), line("a", 9), line("b", 1), "rubbish", "", f"{'G' * 40}:2"])
        )
        receipt = import_file(source, at_least=2)
        assert (receipt.read, receipt.kept, receipt.doubled, receipt.rare, receipt.rejected) == (
            5,
            1,
            1,
            1,
            2,
        )
        assert leaked.is_known("a")
        assert not leaked.is_known("b")

    def test_a_file_of_something_else_leaves_the_old_collection(self, tmp_path, imported):
        imported("old-one")
        source = tmp_path / "other.txt"
        source.write_text("name,phone\nLi,139")
        with pytest.raises(Refused, match="没有改动"):
            import_file(source)
        assert leaked.is_known("old-one")
        assert [one.name for one in leaked.path().parent.glob("leaked-*")] == ["leaked-passwords.bin"]

    def test_a_new_import_is_seen_without_a_restart(self, imported):
        assert not leaked.is_known("first")
        imported("first")
        assert leaked.is_known("first")
        imported("second", "third")
        assert not leaked.is_known("first")
        assert leaked.is_known("third")

    def test_a_damaged_file_keeps_nobody_out(self, imported, caplog):
        imported("first")
        leaked.path().write_bytes(leaked.path().read_bytes()[:-3])
        assert not leaked.is_known("first")
        assert "cannot be read" in caplog.text


@pytest.mark.django_db
class TestPasswords:
    def test_setting_and_changing_refuse_a_leaked_one(self, imported, client):
        account = factories.account()
        assert rules.weakness_of(GOOD) is None
        imported(GOOD)
        with pytest.raises(Refused, match="泄露密码库"):
            passwords.set_password(account, GOOD)
        client.post("/sign-in/", {"login": account.username, "password": factories.PASSWORD})
        typed = {"current": factories.PASSWORD, "password": GOOD, "again": GOOD}
        assert "泄露密码库" in client.post("/account/password/", typed).content.decode()

    def test_signing_in_with_one_leads_to_the_change_and_a_new_one_ends_it(self, imported, client):
        account = factories.account()
        imported(factories.PASSWORD)
        client.post("/sign-in/", {"login": account.username, "password": factories.PASSWORD})
        assert client.get("/account/").url == "/account/password/"
        account.refresh_from_db()
        assert account.password_leaked_at is not None
        client.post("/account/password/", {"current": factories.PASSWORD, "password": GOOD, "again": GOOD})
        assert client.get("/account/").status_code == 200
        account.refresh_from_db()
        assert (account.password_leaked_at, account.must_change_password) == (None, False)

    def test_a_wrong_password_that_is_leaked_marks_nothing(self, imported, client):
        account = factories.account()
        imported(GOOD)
        client.post("/sign-in/", {"login": account.username, "password": GOOD})
        assert Account.objects.get(pk=account.pk).password_leaked_at is None


def test_the_command_prints_the_receipt_and_the_odds(tmp_path, monkeypatch):
    monkeypatch.setattr("yanta.config.cli.identity.open_django", lambda **_: None)
    source = tmp_path / "pwned.txt"
    source.write_text(line("a") + "\n" + line("b"))
    run = CliRunner()
    assert run.invoke(identity, ["leaked-passwords", "show"]).exit_code == 1
    told = run.invoke(identity, ["leaked-passwords", "import", str(source)])
    assert told.output.startswith("读入 2 = 写入 2 + 重复 0 + 少于门槛 0 + 格式不符 0")
    assert "误判概率" in run.invoke(identity, ["leaked-passwords", "show"]).output
