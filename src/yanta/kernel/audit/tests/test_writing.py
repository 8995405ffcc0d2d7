from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from yanta.kernel.audit import Line, record, record_all
from yanta.kernel.audit.models import AuditEntry
from yanta.kernel.base import Actor
from yanta.kernel.testing import audited
from yanta.kernel.testing.factories import PersonFactory

CLERK = Actor(7, 9, "王老师", address="10.1.2.3", request_id="r-1")


class TestRecord:
    def test_tells_who_did_what_to_which_record_from_where(self, college):
        person = PersonFactory(name="李明", home_unit=college)

        record("people.person.rename", actor=CLERK, subject=person, summary="更名", data={"old": "李铭"})

        entry = audited()[0]
        assert (entry.account_id, entry.person_id, entry.actor_name) == (7, 9, "王老师")
        assert (entry.address, entry.request_id) == ("10.1.2.3", "r-1")
        assert (entry.subject_type, entry.subject_id, entry.subject_label) == (
            "people.person",
            str(person.pk),
            "李明",
        )
        assert entry.unit_path == college.path
        assert entry.data == {"old": "李铭"}

    def test_vanishes_with_its_transaction(self, db):
        with transaction.atomic():
            record("x.y.z", actor=CLERK)
            transaction.set_rollback(True)

        assert audited() == []

    def test_never_holds_a_sensitive_value_in_clear(self, db):
        record(
            "people.person.edit",
            actor=CLERK,
            data={"changes": {"phone": ["13812345678", None], "name": ["甲", "乙"]}},
        )

        assert audited()[0].data["changes"] == {"phone": ["138****5678", None], "name": ["甲", "乙"]}

    def test_takes_dates_amounts_and_records_as_they_come(self, college):
        record(
            "x.y.z", actor=CLERK, data={"on": date(2026, 1, 2), "amount": Decimal("1.50"), "unit": college}
        )

        assert audited()[0].data == {"on": "2026-01-02", "amount": "1.50", "unit": str(college.pk)}

    def test_many_cost_one_statement(self, db, django_assert_max_num_queries):
        with django_assert_max_num_queries(3):
            assert record_all([Line("x.y.z", summary=str(n)) for n in range(300)], actor=CLERK) == 300


@pytest.mark.parametrize(
    "attack", ["UPDATE audit_auditentry SET summary = 'x'", "DELETE FROM audit_auditentry"]
)
def test_the_database_refuses_to_change_an_entry(db, attack):
    record("x.y.z", actor=CLERK)

    with pytest.raises((ProgrammingError, IntegrityError), match="append-only"), transaction.atomic():
        connection.cursor().execute(attack)

    assert AuditEntry.objects.get().summary == ""


def test_the_database_refuses_to_empty_the_table(db):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditentry ENABLE TRIGGER ALL")
    record("x.y.z", actor=CLERK)

    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        connection.cursor().execute("TRUNCATE audit_auditentry")
