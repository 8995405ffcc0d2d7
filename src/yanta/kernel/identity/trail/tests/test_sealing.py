import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.test import override_settings
from django.utils import timezone

from yanta.kernel.audit import anchors
from yanta.kernel.identity.models import SignIn
from yanta.kernel.identity.trail import checks, jobs, logs, sealing, verifying
from yanta.kernel.identity.trail.models import LogBlock, LogCheck
from yanta.kernel.identity.trail.tests import factories

LOG = logs.log_named("sign-ins")


def verify(at=None):
    return verifying.verify(LOG, at=at or timezone.now())


@contextmanager
def as_an_intruder(table):
    """Somebody with full rights in the database, who can switch the guards off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = tmp_path


class TestSealing:
    def test_what_was_written_is_proved(self, db):
        rows = factories.sign_ins(7)

        found = verify()

        assert found.is_sound
        assert (found.rows, found.blocks, found.waiting) == (7, 1, 0)
        assert (found.proved_from, found.proved_to) == (rows[0].at, rows[-1].at)

    def test_goes_on_where_it_stopped(self, db, monkeypatch):
        monkeypatch.setattr(sealing, "ROWS_OF_BLOCK", 3)
        factories.sign_ins(7)

        assert sealing.seal_pending(LOG) == 7
        assert sealing.seal_pending(LOG) == 0
        factories.sign_ins(1)
        assert sealing.seal_pending(LOG) == 1
        assert list(LogBlock.objects.values_list("number", "rows")) == [(1, 3), (2, 3), (3, 1), (4, 1)]
        assert verify().is_sound

    def test_an_empty_log_is_sound(self, db):
        assert verify().is_sound

    def test_rows_that_left_lawfully_are_not_missed(self, db):
        old = timezone.now() - logs.kept() - timedelta(hours=1)
        factories.sign_ins(3, at=old)
        sealing.seal_pending(LOG)
        factories.sign_ins(2)
        sealing.seal_pending(LOG)
        SignIn.objects.filter(at__lte=timezone.now() - logs.kept()).delete()

        found = verify()

        assert found.is_sound
        assert found.rows == 2


class TestTampering:
    def test_a_changed_row_is_found(self, db):
        row = factories.sign_ins(5)[2]
        sealing.seal_pending(LOG)
        with as_an_intruder("identity_signin") as cursor:
            cursor.execute("UPDATE identity_signin SET address = '10.9.9.9' WHERE id = %s", [row.pk])

        found = verify()

        assert not found.is_sound
        assert "改动" in found.finding

    def test_a_deleted_row_is_found(self, db):
        row = factories.sign_ins(5)[4]
        sealing.seal_pending(LOG)
        with as_an_intruder("identity_signin") as cursor:
            cursor.execute("DELETE FROM identity_signin WHERE id = %s", [row.pk])

        assert "少了 1 条" in verify().finding

    def test_a_row_slipped_in_is_found(self, db):
        first = factories.sign_ins(1)[0].pk
        factories.sign_ins(1, pk=first + 1000)
        sealing.seal_pending(LOG)
        factories.sign_ins(1, pk=first + 500)

        assert "多了 1 条" in verify().finding

    def test_a_chain_sealed_anew_without_the_key_is_found(self, db):
        factories.sign_ins(2)
        sealing.seal_pending(LOG)
        block = LogBlock.objects.get()
        block.digest = b"0" * 32
        with as_an_intruder("trail_logblock") as cursor:
            cursor.execute(
                "UPDATE trail_logblock SET digest = %s, seal = %s",
                [block.digest, sealing.seal_of(sealing.genesis(LOG.name), block)],
            )

        assert "签名" in verify().finding

    def test_a_removed_block_is_found(self, db, monkeypatch):
        monkeypatch.setattr(sealing, "ROWS_OF_BLOCK", 1)
        factories.sign_ins(3)
        sealing.seal_pending(LOG)
        with as_an_intruder("trail_logblock") as cursor:
            cursor.execute("DELETE FROM trail_logblock WHERE number = 2")

        assert "第 2 块" in verify().finding

    def test_the_nightly_run_fails_when_a_log_is_broken(self, db):
        row = factories.sign_ins(2)[0]
        sealing.seal_pending(LOG)
        with as_an_intruder("identity_signin") as cursor:
            cursor.execute("DELETE FROM identity_signin WHERE id = %s", [row.pk])

        class Seen:
            def step(self, *told):
                pass

        with pytest.raises(jobs.LogBrokenError, match="少了 1 条"):
            jobs.verify_logs(Seen(), actor=None)
        assert LogCheck.objects.filter(is_sound=False).count() == 1

    def test_the_database_keeps_blocks_and_verdicts(self, db):
        factories.sign_ins(1)
        verify()
        for model in (LogBlock, LogCheck):
            with pytest.raises(Exception, match="Cannot"), transaction.atomic():
                model.objects.all().delete()


@pytest.mark.django_db(transaction=True)
class TestTogether:
    def test_a_cut_tail_is_noticed(self):
        factories.sign_ins(2)
        sealing.seal_pending(LOG)
        factories.sign_ins(2)
        sealing.seal_pending(LOG)
        assert anchors.remembered(LOG.name)[0] == 2
        with as_an_intruder("trail_logblock") as cursor:
            cursor.execute("DELETE FROM trail_logblock WHERE number = 2")

        assert "链尾缺失" in verify().finding
        assert (
            LogCheck.objects.filter(is_sound=False).count() == 2
        )  # by the sealer, which goes on, and by the walk

    def test_what_is_still_being_written_is_waited_for(self):
        """A row that commits late, under a lower number than one already there, is not passed over."""
        written, may_commit = threading.Event(), threading.Event()

        def write_late():
            try:
                with transaction.atomic():
                    factories.sign_ins(1)
                    written.set()
                    may_commit.wait(10)
            finally:
                connections.close_all()

        late = threading.Thread(target=write_late)
        late.start()
        written.wait(10)
        factories.sign_ins(1)

        assert sealing.seal_pending(LOG) == 0
        may_commit.set()
        late.join()
        assert sealing.seal_pending(LOG) == 2
        assert verify().is_sound


class TestKeeping:
    def test_less_than_half_a_year_is_refused(self):
        with override_settings(LOG_DAYS=179):
            assert [one.id for one in checks.check_log_days(None)] == ["identity.E001"]
            assert logs.kept() == timedelta(days=180)
        assert checks.check_log_days(None) == []
