"""Freezing, tracing back, immutability, proof, retention."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from yanta.hub import subjects
from yanta.hub.snapshots import public, receipts, rules, services
from yanta.hub.snapshots.models import Part, Snapshot
from yanta.kernel.base import Actor, Refused
from yanta.kernel.files.models import StoredFile
from yanta.kernel.files.storing import storage
from yanta.kernel.people.models import Person
from yanta.kernel.testing.factories import PersonFactory
from yanta.masterdata.models import Student

SYSTEM = Actor.system("test")
DAY = date(2026, 9, 30)


@pytest.fixture
def students(college, other_college):
    return [
        Student.objects.create(
            number=f"S{place}", person=PersonFactory(sex="1", phone=f"1390000000{place}"), department=unit, level="2"
        )
        for place, unit in enumerate((college, college, other_college))
    ]  # fmt: skip


def taken(on=DAY, clock="9-30", basis="live", **options):
    snapshot = services.announce(clock, on, actor=SYSTEM, basis=basis, **options)
    return services.take(snapshot, chosen=[subjects.subject("student"), subjects.subject("person")])


def numbers(clock="9-30", on=DAY):
    with public.engine() as engine:
        return set(engine.to_pyarrow(public.frozen(clock, on, "student", ["number"]))["number"].to_pylist())


class TestClocks:
    @pytest.mark.parametrize(
        ("clock", "on", "day"),
        [
            ("9-30", date(2026, 9, 30), date(2026, 9, 30)),
            ("9-30", date(2026, 9, 29), date(2025, 9, 30)),
            ("school_year", date(2026, 11, 1), date(2026, 8, 31)),
            ("calendar_year", date(2026, 11, 1), date(2025, 12, 31)),
        ],
    )
    def test_the_last_day_it_struck(self, clock, on, day):
        assert rules.last_day(clock, on=on) == day

    def test_what_was_missed_is_due_for_a_month(self):
        assert rules.due(on=date(2026, 10, 20)) == [("9-30", DAY)]
        assert rules.due(on=date(2026, 11, 20)) == []


@pytest.mark.django_db
class TestFreezing:
    def test_what_changes_later_stays_as_it_was(self, students):
        snapshot = taken()
        students[0].delete()
        Student.objects.create(number="S9", person=PersonFactory(), department=students[1].department)
        assert numbers() == {"S0", "S1", "S2"}
        assert {p.subject: p.rows for p in snapshot.parts.all()}["student"] == 3
        assert snapshot.rows == 3 + 3

    def test_sealed_values_are_frozen_as_digests(self, students):
        taken()
        part = public.part_of("9-30", DAY, "student")
        with part.file and storage().open(part.file.key) as content:
            assert b"13900000001" not in content.read()
        with public.engine() as engine:
            found = engine.to_pyarrow(public.frozen("9-30", DAY, "student", ["phone"]))["phone"].to_pylist()
        assert len(set(found)) == 3

    def test_one_of_a_clock_per_day(self, students):
        taken()
        with pytest.raises(Refused, match="已经有了"):
            services.freeze(actor=SYSTEM, clock="9-30", on=DAY)

    @pytest.mark.parametrize(
        ("clock", "on", "said"),
        [("9-30", date(2026, 10, 1), "那一天"), ("manual", date(2999, 1, 1), "还没到")],
    )
    def test_only_on_its_day(self, clock, on, said, db):
        with pytest.raises(Refused, match=said):
            services.freeze(actor=SYSTEM, clock=clock, on=on)

    def test_what_is_not_there_is_refused_in_words(self, db):
        with pytest.raises(Refused, match="没有 时点"):
            public.frozen("9-30", DAY, "student")

    def test_now_is_the_living_data(self, students):
        with public.engine() as engine:
            assert engine.to_pyarrow(public.frozen("now", None, "student", ["number"]).count()).as_py() == 3

    def test_the_day_that_was_missed_is_taken_once(self, students, monkeypatch):
        monkeypatch.setattr(services.subjects, "all_subjects", lambda: (subjects.subject("campus"),))
        assert [one.clock for one in services.freeze_due(on=date(2026, 12, 31))] == ["calendar_year"]
        assert services.freeze_due(on=date(2026, 12, 31)) == []


@pytest.mark.django_db
class TestImmutable:
    @pytest.mark.parametrize("change", [{"rows": 1}, {"digest": "0" * 64}, {"on": date(2025, 9, 30)}])
    def test_no_statement_alters_a_frozen_snapshot(self, students, change):
        snapshot = taken()
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            Snapshot.objects.filter(pk=snapshot.pk).update(**change)

    def test_nor_its_parts_nor_deletes_it(self, students):
        snapshot = taken()
        other = StoredFile.objects.exclude(pk=snapshot.parts.all()[0].file_id).first()
        for attempt in (
            lambda: Part.objects.filter(snapshot=snapshot).update(rows=0),
            lambda: Part.objects.filter(snapshot=snapshot).update(file=other),
            lambda: Snapshot.objects.filter(pk=snapshot.pk).delete(),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                attempt()

    def test_a_tampered_file_is_found(self, students):
        snapshot = taken()
        assert receipts.faults(snapshot) == []
        file = snapshot.parts.get(subject="student").file
        path = storage().path(file.key)
        content = bytearray(open(path, "rb").read())  # noqa: SIM115
        content[40] ^= 1
        open(path, "wb").write(content)  # noqa: SIM115
        assert any("学生" in one for one in receipts.faults(snapshot))
        with pytest.raises(Refused, match="验证不通过"):
            services.verify(snapshot, actor=SYSTEM)

    def test_a_forged_receipt_is_found(self, students):
        snapshot = taken()
        snapshot.document["rows"] = 7
        assert "凭证内容与摘要不符，内容被改动过" in receipts.faults(snapshot)
        snapshot.digest = receipts.digest_of(snapshot.document, snapshot.previous)
        assert "签名不符，不是本系统签发" in receipts.faults(snapshot)

    def test_receipts_are_chained(self, students):
        first, second = taken(), taken(on=date(2025, 9, 30))
        assert second.previous == first.digest


@pytest.mark.django_db
class TestRetention:
    def test_nothing_goes_before_its_time_and_the_receipt_stays(self, students):
        snapshot = taken(keep_until=DAY + timedelta(days=30))
        assert services.destroy_expired(on=DAY + timedelta(days=30)) == 0
        assert services.destroy_expired(on=DAY + timedelta(days=31)) == 1
        snapshot.refresh_from_db()
        assert snapshot.state == "removed"
        assert snapshot.signature
        assert not snapshot.parts.exclude(file=None).exists()
        with pytest.raises(Refused):
            public.frozen("9-30", DAY, "student")

    def test_by_hand_only_when_it_is_over(self, students):
        with pytest.raises(Refused, match="保存期"):
            services.remove(taken(), actor=SYSTEM, reason="腾空间")


@pytest.mark.django_db(transaction=True)
class TestUnmoving:
    def test_all_subjects_see_one_state(self, students, monkeypatch):
        """What is written by others between two subjects is in neither."""
        original, elsewhere = services.parquet.write, []

        def write(subject, folder, *, gaps=""):
            found = original(subject, folder, gaps=gaps)
            if not elsewhere:
                thread = threading.Thread(target=add)
                thread.start()
                thread.join()
            return found

        def add():
            elsewhere.append(PersonFactory(name="后来的人"))
            connection.close()

        monkeypatch.setattr(services.parquet, "write", write)
        before = Person.objects.count()
        snapshot = taken()
        assert Person.objects.count() == before + 1
        assert snapshot.parts.get(subject="person").rows == before
        assert snapshot.document["isolation"] == "repeatable read"

    def test_a_past_day_is_traced_back(self, students):
        """Added, changed, deleted since: all as before; and so are the persons behind them."""
        move_history_back(days=400)
        day = (students[0].created_at - timedelta(days=200)).date()
        Student.objects.filter(number="S1").update(grade=2001)
        Person.objects.filter(pk=students[1].person_id).update(sex="2")
        students[0].delete()
        Student.objects.create(number="S9", person=PersonFactory(), department=students[1].department)
        taken(on=day, clock="manual", basis="history")
        with public.engine() as engine:
            frozen = public.frozen("manual", day, "student", ["number", "grade", "sex"])
            rows = {row["number"]: row for row in engine.to_pyarrow(frozen).to_pylist()}
        assert set(rows) == {"S0", "S1", "S2"}
        assert (rows["S1"]["grade"], rows["S1"]["sex"]) == (None, "1")
        assert Student.objects.filter(number="S9").exists()  # the tables are themselves again

    def test_history_that_does_not_reach_is_told(self, students):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE masterdata_student SET created_at = now() - interval '900 days'")
        with pytest.raises(Refused, match="追溯不到"):
            taken(on=date(2025, 9, 30), basis="history")


def move_history_back(*, days: int) -> None:
    with connection.cursor() as cursor:
        for model in (Student, Person):
            events = model._meta.get_field("history_events").related_model._meta.db_table
            cursor.execute(f"UPDATE {events} SET pgh_created_at = pgh_created_at - interval '{days} days'")
        cursor.execute(
            "UPDATE organisation_orgunitevent SET pgh_created_at = pgh_created_at - %s * interval '1 day'", [days]
        )  # fmt: skip
