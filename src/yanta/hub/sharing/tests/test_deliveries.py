"""Files, the read-only door and pushes: the same fields and rows, and all of them end at once."""

from __future__ import annotations

import csv
import io
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson
import psycopg
import pyarrow.parquet as parquet
import pytest
import python_calamine
from django.core.management import call_command
from django.db import connection
from psycopg.conninfo import make_conninfo

from yanta.hub.sharing import keys
from yanta.hub.sharing.delivery import counting, files, pushing, schemas
from yanta.hub.sharing.models import FileDelivery, Grant, Push, ReadEntry, SchemaAccess
from yanta.hub.sharing.services import deliveries, grants
from yanta.kernel.base import Actor, Refused
from yanta.kernel.jobs import Progress
from yanta.masterdata.models import StaffMember, Student

SYSTEM = Actor.system("test")
ROWS = '{"field": "grade", "is": "eq", "value": 2023}'


@pytest.fixture
def grant(world):
    return world.grant(fields="number,name,phone", condition=ROWS)


def made(grant, kind):
    return files.produce(files.ask(grant, kind, asked_by="责任人"), Progress())


def opened(delivery):
    return files.opened(delivery, actor_name="责任人", address="127.0.0.1").read()


@pytest.mark.django_db
class TestFiles:
    def test_csv_has_the_rows_the_fields_and_the_line(self, grant):
        lines = list(csv.reader(io.StringIO(opened(made(grant, "csv")).decode("utf-8-sig"))))
        assert "仅供门禁系统" in lines[0][0]
        assert lines[1] == ["学号", "姓名", "手机号"]
        assert sorted(line[0] for line in lines[2:]) == ["S0", "S2", "S4"]
        assert all(line[2].startswith("#") for line in lines[2:])

    def test_excel_and_parquet_say_the_same(self, grant):
        book = python_calamine.load_workbook(io.BytesIO(opened(made(grant, "xlsx"))))
        rows = book.get_sheet_by_index(0).to_python()
        assert "仅供门禁系统" in rows[0][0]
        assert sorted(row[0] for row in rows[2:]) == ["S0", "S2", "S4"]
        table = parquet.read_table(io.BytesIO(opened(made(grant, "parquet"))))
        assert table.column_names == ["number", "name", "phone"]
        assert sorted(table["number"].to_pylist()) == ["S0", "S2", "S4"]
        assert "仅供门禁系统" in table.schema.metadata[b"watermark"].decode()

    def test_the_order_tells_whose_copy_leaked(self, grant, world):
        for place in range(40):
            Student.objects.create(
                number=f"M{place:02}",
                person=world.students[0].person,
                department=world.college,
                grade=2023,
                level="3",
            )
        deliveries_ = [made(grant, "parquet") for _ in range(3)]
        leaked = parquet.read_table(io.BytesIO(opened(deliveries_[1])))["number"].to_pylist()
        found = files.whose(leaked, iter(deliveries_))
        assert (found[0][0].pk, found[0][1]) == (deliveries_[1].pk, 1.0)
        assert found[1][1] < 0.8

    def test_making_and_fetching_are_in_the_log(self, grant, world):
        opened(made(grant, "csv"))
        assert [(one.how, one.count) for one in ReadEntry.objects.order_by("pk")] == [
            ("file", 3),
            ("download", 0),
        ]
        assert ReadEntry.objects.filter(how="file", persons__holds=world.students[2].person_id).exists()
        assert FileDelivery.objects.get().downloads == 1

    def test_revoked_is_fetched_no_more_and_cleared_away(self, grant, world):
        delivery = made(grant, "csv")
        waiting = files.ask(grant, "csv", asked_by="x")
        stored = delivery.file
        grants.revoke(grant, actor=world.hr, reason="x")
        delivery.refresh_from_db()
        delivery.grant.refresh_from_db()
        with pytest.raises(Refused):
            opened(delivery)
        with pytest.raises(Refused):
            files.produce(waiting, Progress())
        assert not type(stored).objects.filter(pk=stored.pk).exists()

    def test_suspended_is_kept_but_not_handed_out(self, grant, world):
        delivery = made(grant, "csv")
        grants.suspend(grant, actor=world.hr, reason="核查")
        delivery.grant.refresh_from_db()
        with pytest.raises(Refused, match="已暂停"):
            opened(delivery)
        grants.resume(grant, actor=world.hr)
        delivery.grant.refresh_from_db()
        assert opened(delivery)

    def test_no_more_rows_than_agreed(self, grant):
        Grant.objects.filter(pk=grant.pk).update(rows_per_day=2)
        grant.refresh_from_db()
        with pytest.raises(Refused, match="超过每日 2 行"):
            files.ask(grant, "csv", asked_by="x")

    def test_a_cell_is_never_a_formula(self, grant, world):
        person = world.students[0].person
        person.name = "=1+1"
        person.save()
        assert ",'=1+1," in opened(made(grant, "csv")).decode("utf-8-sig")


@pytest.fixture
def door(world, grant, request):
    """The consumer's own connection to its schema; role and schema go when the test ends."""
    access, password = schemas.open_for(grant)
    database = connection.settings_dict

    def connect():
        return psycopg.connect(
            make_conninfo(
                host=database.get("HOST") or "127.0.0.1", port=database.get("PORT") or 5432, dbname=database["NAME"],
                user=access.role, password=password,
            ),
            autocommit=True,
        )  # fmt: skip

    yield connect
    for one in SchemaAccess.objects.all():
        schemas.remove(one)


@pytest.mark.django_db(transaction=True)
class TestDoor:
    def test_exactly_the_granted_fields_and_rows(self, door, grant):
        with door() as line:
            found = line.execute("SELECT * FROM students ORDER BY number")
            assert [one.name for one in found.description] == ["_id", "number", "name", "phone"]
            rows = found.fetchall()
        assert [row[1] for row in rows] == ["S0", "S2", "S4"]
        assert all(row[3].startswith("#") for row in rows)

    def test_says_the_same_as_the_interface(self, door, grant, world):
        from yanta.hub.sharing.contents import contents_of

        contents = contents_of(grant)
        expected = [tuple(row.values()) for _, row in contents.as_dicts(contents.rows())]
        with door() as line:
            assert line.execute("SELECT * FROM students ORDER BY number").fetchall() == expected

    @pytest.mark.parametrize(
        "statement",
        [
            "SELECT 1 FROM public.people_person", "SELECT 1 FROM public.masterdata_student", "SELECT 1 FROM public.sharing_grant",
            "SELECT 1 FROM public.sharing_readentry", "SELECT salt FROM public.sharing_grant",
            "UPDATE students SET name = 'x'", "DELETE FROM students", "CREATE TABLE mine (a int)",
            "CREATE TABLE public.mine (a int)", "CREATE TEMP TABLE mine (a int)", "CREATE SCHEMA mine",
            "SET ROLE postgres", "COPY (SELECT 1) TO PROGRAM 'true'", "SELECT pg_read_file('/etc/passwd')",
            "CREATE ROLE mine", "SELECT 1 FROM pg_authid", "SELECT nextval('public.sharing_grant_id_seq')",
        ],
    )  # fmt: skip
    def test_nothing_else(self, door, statement):
        with door() as line, pytest.raises(psycopg.Error):
            line.execute(statement)

    def test_a_function_of_ones_own_sees_no_hidden_row(self, door):
        """security_barrier: no condition of the reader runs before those of the grant."""
        with door() as line:
            with pytest.raises(psycopg.Error):
                line.execute(
                    "CREATE FUNCTION peek(text) RETURNS boolean LANGUAGE sql COST 0.0001 AS 'SELECT true'"
                )
            plan = "\n".join(
                r[0] for r in line.execute("EXPLAIN SELECT 1 FROM students WHERE length(name) = 3")
            )
        # The reader's condition stands outside the view's own query.
        assert "Subquery Scan on students" in plan.splitlines()[0]
        assert "length" in plan.splitlines()[1]

    def test_revoked_is_over_at_once_even_for_an_open_session(self, door, grant, world):
        with door() as line:
            assert len(line.execute("SELECT 1 FROM students").fetchall()) == 3
            # The state alone is enough: the view asks at every statement.
            Grant.objects.filter(pk=grant.pk).update(state="revoked")
            assert line.execute("SELECT 1 FROM students").fetchall() == []
            Grant.objects.filter(pk=grant.pk).update(state="active")
            grant.refresh_from_db()
            grants.revoke(grant, actor=world.hr, reason="x")
            with pytest.raises(psycopg.Error):
                line.execute("SELECT 1 FROM students")
        with pytest.raises(psycopg.OperationalError):
            door()

    def test_the_responsible_person_left(self, door, grant):
        StaffMember.objects.filter(person_id=grant.consumer.responsible_id).update(status="left")
        with door() as line:
            assert line.execute("SELECT 1 FROM students").fetchall() == []

    def test_statements_are_counted_even_those_rolled_back(self, door, grant, world):
        with door() as line:
            line.execute("SELECT 1 FROM students")
            line.execute("BEGIN")
            line.execute("SELECT count(*) FROM students s JOIN students t USING (number)")
            line.execute("ROLLBACK")
            line.execute("BEGIN READ ONLY")
            with pytest.raises(psycopg.Error, match="只读事务"):
                line.execute("SELECT 1 FROM students")
        counted = counting.count_statements()
        assert counted >= 2
        assert counting.count_statements() == 0
        entry = ReadEntry.objects.get(how="schema")
        assert (entry.is_exact, entry.count) == (False, 3)
        assert ReadEntry.objects.filter(persons__holds=world.students[0].person_id).exists()

    def test_views_stand_aside_for_migrations_and_come_back(self, door):
        with connection.cursor() as cursor:
            schemas.before_migrations()
            cursor.execute("SELECT count(*) FROM pg_views WHERE schemaname LIKE 'share\\_%%'")
            assert cursor.fetchone() == (0,)
        call_command("migrate", verbosity=0)
        with door() as line:
            assert len(line.execute("SELECT 1 FROM students").fetchall()) == 3

    def test_a_changed_row_is_there_at_once(self, door):
        Student.objects.filter(number="S0").update(grade=2020)
        with door() as line:
            assert len(line.execute("SELECT 1 FROM students").fetchall()) == 2


class Receiver:
    """The consumer's side of the pushes."""

    def __init__(self) -> None:
        self.bodies: list[dict] = []
        self.headers: list[dict] = []
        self.raw: list[bytes] = []
        self.status = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.headers.append(dict(self.headers))
                receiver.raw.append(content)
                if receiver.status == 200:
                    receiver.bodies.append(orjson.loads(content))
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/hook?x=1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def told(self, *, numbers: set[str] = frozenset(), removed: int = 0) -> dict[str, list]:
        """Push until so much has come. Other databases of the server may hold a transaction open for a moment:
        then changes come later, and what was before the subscription may come once more."""
        found: dict[str, list] = {"rows": [], "removed": []}
        for _ in range(60):
            pushing.follow_all()
            for body in self.bodies:
                found["rows"] += body["rows"]
                found["removed"] += body["removed"]
            self.bodies.clear()
            if numbers <= {row["number"] for row in found["rows"]} and len(found["removed"]) >= removed:
                break
            time.sleep(0.5)
        return found


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def pushed(world, grant, receiver):
    world.key(grant)
    grant.consumer.networks = "127.0.0.1"
    grant.consumer.save()
    grant.refresh_from_db()
    return pushing.subscribe(grant, receiver.address)


@pytest.mark.django_db(transaction=True)
class TestPushes:
    def test_changes_by_any_writer_within_the_grant(self, pushed, receiver, world):
        Student.objects.filter(number="S3").update(grade=2023)
        Student.objects.filter(number="S1").update(bed="3-201")  # stays outside
        person = world.students[0].person
        person.name = "改名"
        person.save()
        found = receiver.told(numbers={"S0", "S3"})
        names = {row["number"]: row["name"] for row in found["rows"]}
        assert {"S0": "改名", "S3": "学生3"}.items() <= names.items()
        assert set(names) <= {"S0", "S2", "S3", "S4"}
        assert {tuple(row) for row in found["rows"]} == {("_id", "number", "name", "phone")}
        assert all(row["phone"].startswith("#") for row in found["rows"])
        assert found["removed"] == []

    def test_a_row_that_leaves_is_told_as_removed_to_who_had_it(self, pushed, receiver):
        Student.objects.filter(number="S0").update(bed="1-101")
        rows = receiver.told(numbers={"S0"})["rows"]
        key = next(row["_id"] for row in rows if row["number"] == "S0")
        Student.objects.filter(number="S0").update(grade=2024)
        Student.objects.filter(number="S5").update(grade=2020)  # never delivered
        assert set(receiver.told(removed=1)["removed"]) == {key}

    def test_signed_with_the_key_of_the_grant(self, pushed, receiver):
        pushing.test(pushed)
        proof = keys.proof_of(receiver.headers[0]["Authorization"])
        text = keys.signed_text("POST", "/hook?x=1", proof.time, proof.nonce, receiver.raw[0])
        assert keys.is_true(proof, pushed.grant.signing_key, text)
        assert receiver.bodies[0]["test"] is True

    def test_in_order_tried_again_and_given_up_visibly(self, pushed, receiver):
        receiver.status = 500
        pushing.replay(pushed, after=0)
        pushing.replay(pushed, after=0)
        pushing.send_due(pushed.pk)
        first, second = Push.objects.order_by("sequence")
        assert (first.attempts, first.state, second.attempts) == (1, "waiting", 0)
        for _ in range(6):
            Push.objects.filter(pk=first.pk).update(due_at=first.created_at)
            pushing.send_due(pushed.pk)
        first.refresh_from_db()
        assert (first.state, first.status) == ("dead", 500)
        receiver.status = 200
        Push.objects.filter(pk=second.pk).update(due_at=first.created_at)
        deliveries.retry_push(first, actor=SYSTEM)
        pushing.send_due(pushed.pk)
        assert [body["sequence"] for body in receiver.bodies] == [1, 2]

    def test_replay_tells_the_rows_as_they_are_now(self, pushed, receiver):
        Student.objects.filter(number="S0").update(bed="1-101")
        receiver.told(numbers={"S0"})
        assert pushing.replay(pushed, after=0) == 3
        pushing.send_due(pushed.pk)
        assert [row["number"] for row in receiver.bodies[0]["rows"]] == ["S0", "S2", "S4"]

    def test_revoked_sends_nothing_that_waits(self, pushed, receiver, world):
        pushing.replay(pushed, after=0)
        grants.revoke(pushed.grant, actor=world.hr, reason="x")
        Student.objects.filter(number="S0").update(bed="1-101")
        pushing.follow_all()
        pushing.send_due(pushed.pk)
        assert receiver.raw == []

    def test_suspended_goes_on_from_where_it_stopped(self, pushed, receiver, world):
        grants.suspend(pushed.grant, actor=world.hr, reason="x")
        Student.objects.filter(number="S0").update(bed="1-101")
        pushing.follow_all()
        assert receiver.raw == []
        grants.resume(pushed.grant, actor=world.hr)
        assert "S0" in {row["number"] for row in receiver.told(numbers={"S0"})["rows"]}

    def test_only_to_where_the_consumer_is_registered(self, grant, world):
        world.key(grant)
        grant.consumer.networks = "10.8.0.0/16"
        with pytest.raises(Refused, match="白名单"):
            pushing.subscribe(grant, "http://127.0.0.1:9/")
        grant.consumer.networks = ""
        with pytest.raises(Refused, match="登记"):
            pushing.subscribe(grant, "http://127.0.0.1:9/")

    def test_ids_alone_are_kept_on_the_way(self, pushed):
        pushing.replay(pushed, after=0)
        columns = {field.name for field in Push._meta.concrete_fields}
        assert "body" not in columns
        assert all(isinstance(key, int) for key in Push.objects.get().ids)
