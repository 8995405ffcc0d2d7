import json
import threading
from contextlib import contextmanager

import pytest
from django.db import connection, connections

from yanta.kernel.audit import Line, anchors, chain, record, record_all
from yanta.kernel.audit.models import AuditAnchor, AuditEntry
from yanta.kernel.audit.verification import verify
from yanta.kernel.base import Actor

CLERK = Actor(7, 9, "王老师")


def write(count):
    record_all(
        [Line("x.y.z", summary=f"第{n}条", data={"n": n, "余额": "1.50"}) for n in range(count)], actor=CLERK
    )


@contextmanager
def as_an_intruder():
    """Somebody with full rights in the database, who can switch the guard off."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'audit_auditentry'::regclass AND tgname LIKE '%append_only%'"
        )
        guard = cursor.fetchone()[0]
        cursor.execute(f"ALTER TABLE audit_auditentry DISABLE TRIGGER {guard}")
        yield cursor
        cursor.execute(f"ALTER TABLE audit_auditentry ENABLE TRIGGER {guard}")


class TestSealing:
    def test_numbers_without_gaps_and_verifies(self, db):
        write(25)

        verdict = verify()

        assert verdict.sound
        assert verdict.checked == 25
        assert list(AuditEntry.objects.order_by("pk").values_list("sequence", flat=True)) == list(
            range(1, 26)
        )

    def test_goes_on_where_it_stopped(self, db):
        write(3)
        chain.seal_pending()
        write(2)

        assert chain.seal_pending() == 2
        assert verify().checked == 5

    def test_seals_more_than_one_batch(self, db, monkeypatch):
        monkeypatch.setattr(chain, "BATCH", 10)
        write(35)

        assert chain.seal_pending() == 35
        assert verify().sound

    def test_an_empty_chain_is_sound(self, db):
        assert verify().sound


class TestTampering:
    @pytest.fixture(autouse=True)
    def _ten_sealed(self, db):
        write(10)
        chain.seal_pending()

    @pytest.mark.parametrize(
        "change",
        [
            "summary = '别的'",
            "actor_name = '别人'",
            "data = '{}'",
            "at = at + interval '1 microsecond'",
            "account_id = 8",
        ],
    )
    def test_a_changed_entry_is_named(self, change):
        with as_an_intruder() as cursor:
            cursor.execute(f"UPDATE audit_auditentry SET {change} WHERE sequence = 6")

        verdict = verify()

        assert not verdict.sound
        assert verdict.broken_at == 6
        assert verdict.entry_id == AuditEntry.objects.get(sequence=6).pk
        assert verdict.checked == 5

    def test_a_removed_entry_is_noticed(self):
        with as_an_intruder() as cursor:
            cursor.execute("DELETE FROM audit_auditentry WHERE sequence = 4")

        assert verify().broken_at == 4

    def test_an_inserted_entry_is_noticed(self):
        with as_an_intruder() as cursor:
            cursor.execute("UPDATE audit_auditentry SET sequence = sequence + 100 WHERE sequence > 4")
            cursor.execute("UPDATE audit_auditentry SET sequence = sequence - 99 WHERE sequence > 100")
            record("x.y.z", actor=CLERK, summary="从未发生")
            cursor.execute("UPDATE audit_auditentry SET sequence = 5, seal = '\\x00' WHERE sequence IS NULL")

        assert verify().broken_at == 5

    def test_two_entries_exchanged_are_noticed(self):
        with as_an_intruder() as cursor:
            cursor.execute("UPDATE audit_auditentry SET sequence = -1 WHERE sequence = 2")
            cursor.execute("UPDATE audit_auditentry SET sequence = 2 WHERE sequence = 3")
            cursor.execute("UPDATE audit_auditentry SET sequence = 3 WHERE sequence = -1")

        assert verify().broken_at == 2

    def test_a_chain_rewritten_from_an_entry_on_contradicts_its_anchor(self):
        with as_an_intruder() as cursor:
            cursor.execute("UPDATE audit_auditentry SET summary = '洗白' WHERE sequence = 3")
            cursor.execute("UPDATE audit_auditentry SET sequence = NULL, seal = NULL")
        chain.seal_pending()

        verdict = verify()

        assert not verdict.sound
        assert "重写" in verdict.reason

    def test_a_forged_anchor_does_not_help(self):
        with as_an_intruder() as cursor:
            cursor.execute("UPDATE audit_auditentry SET sequence = NULL, seal = NULL")
        chain.seal_pending()
        AuditAnchor.objects.update(seal=chain.head().seal, signature=b"0" * 32)

        assert "签名" in verify().reason


@pytest.mark.django_db(transaction=True)
class TestTail:
    def test_a_cut_tail_is_noticed_although_no_anchor_in_the_database_knows_it(self):
        write(5)
        chain.seal_pending()
        write(5)
        chain.seal_pending()
        with as_an_intruder() as cursor:
            cursor.execute("DELETE FROM audit_auditentry WHERE sequence > 7")

        verdict = verify()

        assert verdict.broken_at == 8
        assert "链尾缺失" in verdict.reason

    def test_the_head_is_written_down_whole(self):
        write(2)
        chain.seal_pending()

        assert json.loads(anchors.head_file().read_text())["sequence"] == 2

    def test_many_writers_and_sealers_at_once_leave_one_dense_chain(self):
        def work(seals):
            try:
                for _ in range(20):
                    record("x.y.z", actor=CLERK)
                    if seals:
                        chain.seal_pending()
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work, args=(n % 2 == 0,)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        verdict = verify()

        assert verdict.sound
        assert verdict.checked == 120
