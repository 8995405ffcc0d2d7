import time

import pytest
from allauth.mfa.models import Authenticator
from click.testing import CliRunner
from django.core import signing
from django.utils import timezone

from yanta.config import environment, keyring
from yanta.config.cli.entry import main
from yanta.kernel.audit.models import AuditEntry
from yanta.kernel.base import ciphers, datakeys, signatures
from yanta.kernel.identity.factors import SealedFactors
from yanta.kernel.identity.tests import factories
from yanta.sso.oidc import keys as oidc
from yanta.sso.saml import keys as saml


@pytest.fixture(autouse=True)
def home(settings, tmp_path, monkeypatch):
    monkeypatch.setenv("YANTA_HOME", str(tmp_path))
    monkeypatch.delenv("YANTA_SECRET_KEY", raising=False)
    settings.YANTA_DATA_KEYS = str(tmp_path / "data-keys")
    settings.YANTA_SIGNING_KEYS = str(tmp_path / "signing-keys")
    return tmp_path


def run(*words):
    return CliRunner().invoke(main, ["keys", *words])


class TestRotateAll:
    def test_what_the_old_keys_signed_and_sealed_still_counts(self, db, home):
        token = oidc.sign({"sub": "7"}, "RS256")
        certificate = saml._stored(saml.State.CURRENT).certificate
        receipt = signatures.sign(b"receipt")
        person = factories.person(phone="13812345678")
        factor = Authenticator.objects.create(
            user=factories.account(), type="totp", data={"secret": SealedFactors().encrypt("JBSWY3DP")}
        )
        link = signing.Signer(key=environment.secret_key()).sign("link")

        done = run("rotate", "--yes")

        assert done.exit_code == 0, done.output
        assert oidc.claims_of(token) == {"sub": "7"}
        assert oidc.sign({"sub": "8"}, "RS256").split(".")[0] != token.split(".")[0]
        assert certificate in saml.published()
        assert signatures.verify_own(b"receipt", receipt)
        person.refresh_from_db()
        assert person.phone == "13812345678"
        factor.refresh_from_db()
        assert SealedFactors().decrypt(factor.data["secret"]) == "JBSWY3DP"
        assert ciphers.generation_of(keyring._sealed(factor.data["secret"])) == datakeys.current() == 2
        kept = signing.Signer(key=environment.secret_key(), fallback_keys=environment.secret_key_fallbacks())
        assert kept.unsign(link) == "link"
        assert set(AuditEntry.objects.filter(action="base.key.rotate").values_list("data__key", flat=True)) == {
            "oidc", "saml", "signing", "session", "data",
        }  # fmt: skip

    def test_changes_only_what_is_named(self, db):
        before = oidc._stored("RS256", oidc.State.CURRENT).kid

        assert run("rotate", "--what", "signing", "--yes").exit_code == 0
        assert oidc._stored("RS256", oidc.State.CURRENT).kid == before
        assert len(signatures.own_keys()) == 2
        assert "no such key" in run("rotate", "--what", "seals", "--yes").output

    def test_a_key_that_the_environment_gives_is_changed_there(self, db, monkeypatch):
        monkeypatch.setenv("YANTA_SECRET_KEY", "given")

        done = run("rotate", "--what", "session", "--yes")

        assert done.exit_code == 1
        assert "YANTA_SECRET_KEY_FALLBACKS" in done.output

    def test_the_list_tells_age_and_what_is_overdue(self, db, monkeypatch):
        oidc._stored("RS256", oidc.State.CURRENT)
        assert run("list").exit_code == 0
        old = timezone.now() - timezone.timedelta(days=91)
        oidc.SigningKey.objects.update(since=old)

        listed = run("list", "--json")

        assert listed.exit_code == 1
        assert '"name": "oidc"' in listed.output
        assert '"age_days": 91' in listed.output
        assert '"overdue": true' in listed.output


class TestSessionSecret:
    def test_a_process_that_still_runs_accepts_what_the_new_key_signs(self, home):
        key, accepted = environment.secret_key(), environment.secret_key_fallbacks()

        environment.rotate_secret_key()

        new = signing.Signer(key=environment.secret_key()).sign("x")
        assert environment.secret_key() != key
        assert signing.Signer(key=key, fallback_keys=accepted).unsign(new) == "x"

    @pytest.mark.parametrize("step", ["link", "replace", "utime"])
    def test_killed_anywhere_every_key_is_still_there(self, home, monkeypatch, step):
        key, (following, *_) = environment.secret_key(), environment.secret_key_fallbacks()

        def killed(*args, **kwargs):
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(environment.os, step, killed)
            with pytest.raises(KeyboardInterrupt):
                environment.rotate_secret_key()

        assert {key, following} <= {environment.secret_key(), *environment.secret_key_fallbacks()}

    def test_after_five_weeks_the_old_key_is_gone(self, home, monkeypatch):
        key = environment.secret_key()
        environment.rotate_secret_key()
        assert key in environment.secret_key_fallbacks()
        later = time.time() + environment.SECRET_OVERLAP.total_seconds() + 1
        monkeypatch.setattr(environment.time, "time", lambda: later)

        assert key not in environment.secret_key_fallbacks()
