import pytest
from django.apps import apps
from django.db import connection

from yanta.kernel.base import ciphers, datakeys, resealing
from yanta.kernel.people.models import Person
from yanta.kernel.testing.factories import PersonFactory


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.YANTA_DATA_KEYS = str(tmp_path / "keys")


def generations(table="people_person", column="phone"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT get_byte({column}, 0) FROM {table} WHERE {column} IS NOT NULL ORDER BY 1")
        return [row[0] for row in cursor.fetchall()]


class TestGenerations:
    @pytest.mark.parametrize("cipher", ["aes", "sm4"])
    def test_what_was_sealed_before_stays_readable(self, settings, cipher):
        settings.YANTA_CIPHER = cipher
        old = ciphers.seal("旧值")

        assert datakeys.begin_next() == 2
        new = ciphers.seal("新值")

        assert (ciphers.generation_of(old), ciphers.generation_of(new)) == (1, 2)
        assert [ciphers.unseal(one) for one in (old, new, ciphers.seal_many(["多"])[0])] == [
            "旧值",
            "新值",
            "多",
        ]

    def test_another_process_reads_a_generation_it_has_not_heard_of(self):
        datakeys.current()
        datakeys._current[0] = (float("inf"), str(datakeys.folder()), 1)  # it would not look again
        other = datakeys.folder() / "0002"
        other.parent.mkdir()
        other.write_text("another process's secret")
        sealed = bytes((2, 1)) + b"0" * 12
        sealed += ciphers._aes(2).encrypt(b"0" * 12, "新".encode(), None)

        assert ciphers.unseal(sealed) == "新"
        datakeys.forget()

    def test_a_generation_that_is_not_here_is_said_to_be_unreadable(self):
        with pytest.raises(ciphers.UnreadableError):
            ciphers.unseal(bytes((9, 1)) + b"0" * 40)

    def test_one_generation_does_not_open_what_another_sealed(self):
        old = ciphers.seal("x")
        datakeys.begin_next()

        with pytest.raises(ciphers.UnreadableError):
            ciphers.unseal(bytes((2,)) + old[1:])

    def test_look_ups_go_on(self, db):
        PersonFactory(phone="13812345678")
        datakeys.begin_next()
        PersonFactory(phone="13899999999")

        assert Person.objects.filter(phone__in=["13812345678", "13899999999"]).count() == 2


class TestReseal:
    def test_every_value_moves_without_history(self, db):
        person = PersonFactory(phone="13812345678")
        told = person.history_events.count()
        datakeys.begin_next()

        counted = resealing.reseal()

        person.refresh_from_db()
        assert counted.resealed >= 2  # the row, and its history
        assert counted.unreadable == 0
        assert generations() == [2]
        assert set(generations("people_personevent")) == {2}
        assert person.phone == "13812345678"
        assert person.history_events.count() == told
        assert resealing.waiting() == 0

    def test_batches_follow_the_place_of_a_row_and_not_its_text(self, db, monkeypatch):
        monkeypatch.setattr(resealing, "BATCH", 2)
        for n in range(12):
            PersonFactory(phone=f"138123456{n:02}")
        datakeys.begin_next()

        left = resealing.reseal().unreadable  # what other tests sealed with keys of their own

        assert resealing.waiting() == left
        assert set(generations()) == {2}

    def test_killed_in_the_middle_it_loses_nothing_and_goes_on(self, db, monkeypatch):
        monkeypatch.setattr(resealing, "BATCH", 2)
        people = [PersonFactory(phone=f"1381234567{n}") for n in range(6)]
        datakeys.begin_next()
        stored, batches = resealing._store, []

        def killed(column, fresh):
            if fresh:
                batches.append(column)
            if len(batches) == 2:
                raise KeyboardInterrupt
            stored(column, fresh)

        with monkeypatch.context() as patched:
            patched.setattr(resealing, "_store", killed)
            with pytest.raises(KeyboardInterrupt):
                resealing.reseal()

        read = {one.phone for one in Person.objects.filter(pk__in=[one.pk for one in people])}
        assert read == {f"1381234567{n}" for n in range(6)}
        assert resealing.waiting() > 0
        left = resealing.reseal().unreadable  # what other tests sealed with keys of their own
        assert resealing.waiting() == left
        assert set(generations()) == {2}

    def test_bytes_that_only_look_like_a_seal_are_left_alone(self, db):
        column = resealing.Column(apps.get_model("resource", "SheetImport")._meta.db_table, "content")
        assert column in list(resealing.columns())
        assert resealing._anew(bytes((1, 1)) + b"just some file content, of enough length") is None
