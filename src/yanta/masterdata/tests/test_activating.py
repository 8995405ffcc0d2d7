import io
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from yanta.kernel.access.actors import actor_of
from yanta.kernel.audit.models import AuditEntry
from yanta.kernel.base import Refused
from yanta.kernel.identity import handing_out
from yanta.kernel.identity.models import Account, OneTimeCode
from yanta.kernel.jobs import run_now
from yanta.kernel.notify.models import Message
from yanta.kernel.testing.factories import AccountFactory, AffiliationFactory, PersonFactory, RoleGrantFactory
from yanta.kernel.testing.rows import RowMaker
from yanta.masterdata import activating, delegation
from yanta.masterdata.jobs import hand_out_codes
from yanta.masterdata.models import AdminClass, Student

pytestmark = pytest.mark.django_db
NEW = "Pagoda-Goose-1300"


@pytest.fixture
def rows():
    return RowMaker(person=lambda unit: PersonFactory(home_unit=unit))


@pytest.fixture
def class_of(rows):
    """A class of 2026 in this unit with three students who wait and one who is active."""

    def make(unit, *, waiting=3):
        admin_class = rows.make(AdminClass, unit)
        AdminClass.objects.filter(pk=admin_class.pk).update(grade=2026)
        for n in range(waiting + 1):
            student = rows.make(Student, unit)
            Student.objects.filter(pk=student.pk).update(admin_class=admin_class, grade=2026, status="01")
            AffiliationFactory(person=student.person, number=student.number)
            AccountFactory(
                person=student.person, state="active" if n == waiting else "pending", password="!x"
            )
        admin_class.refresh_from_db()
        return admin_class

    return make


def circle(admin_class):
    return activating.circle_of(admin_class)


def codes_of(admin_class, actor):
    return activating.slips(admin_class, handing_out.read_codes(actor=actor, circle=circle(admin_class)))


def activate(slip, *, code="", client=None):
    client = client or Client()
    answer = client.post("/activate/", {"number": slip.number, "code": code or slip.code})
    if answer.status_code != 302:
        return answer
    return client.post("/activate/password/", {"password": NEW, "again": NEW})


class TestHandingOut:
    def test_everybody_who_waits_gets_one_and_the_sum_adds_up(self, class_of, college, engineer):
        admin_class = class_of(college)
        told = handing_out.hand_out(actor=engineer, circle=circle(admin_class))
        assert told == "4 人：新发激活码 3，已有未用的 0，已经激活 1"
        again = handing_out.hand_out(actor=engineer, circle=circle(admin_class))
        assert again == "4 人：新发激活码 0，已有未用的 3，已经激活 1"
        slips = codes_of(admin_class, engineer)
        assert len({slip.code for slip in slips}) == 3
        assert all(len(slip.code) == handing_out.LENGTH + 1 for slip in slips)

    def test_a_code_opens_its_own_account_once(self, class_of, college, engineer):
        admin_class = class_of(college)
        handing_out.hand_out(actor=engineer, circle=circle(admin_class))
        mine, other, _ = codes_of(admin_class, engineer)
        assert activate(mine, code=other.code).status_code == 422
        assert activate(mine, code=mine.code.lower().replace("-", " ")).url == "/"
        account = Account.objects.get(person__enrolments__number=mine.number)
        assert account.state == Account.State.ACTIVE
        used = OneTimeCode.objects.get(account=account)
        assert used.used_at is not None
        assert used.code is None
        assert activate(mine).status_code == 422
        assert len(codes_of(admin_class, engineer)) == 2

    def test_of_two_with_one_slip_only_the_first_goes_on(self, class_of, college, engineer):
        admin_class = class_of(college)
        handing_out.hand_out(actor=engineer, circle=circle(admin_class))
        slip = codes_of(admin_class, engineer)[0]
        first, second = Client(), Client()
        for client in (first, second):
            assert client.post("/activate/", {"number": slip.number, "code": slip.code}).status_code == 302
        assert first.post("/activate/password/", {"password": NEW, "again": NEW}).url == "/"
        assert second.post("/activate/password/", {"password": NEW, "again": NEW}).url == "/activate/"

    def test_a_refused_password_leaves_the_code_alive(self, class_of, college, engineer):
        admin_class = class_of(college)
        handing_out.hand_out(actor=engineer, circle=circle(admin_class))
        slip = codes_of(admin_class, engineer)[0]
        client = Client()
        client.post("/activate/", {"number": slip.number, "code": slip.code})
        assert client.post("/activate/password/", {"password": "short", "again": "short"}).status_code == 422
        assert activate(slip).url == "/"

    def test_guessing_is_stopped(self, class_of, college, engineer):
        admin_class = class_of(college)
        handing_out.hand_out(actor=engineer, circle=circle(admin_class))
        slip = codes_of(admin_class, engineer)[0]
        for _ in range(5):
            activate(slip, code="AAAAA-AAAAA")
        assert "尝试次数过多" in activate(slip).content.decode()

    def test_an_expired_code_opens_nothing_and_becomes_unreadable(self, class_of, college, engineer):
        admin_class = class_of(college)
        handing_out.hand_out(actor=engineer, circle=circle(admin_class), days=1)
        slip = codes_of(admin_class, engineer)[0]
        OneTimeCode.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
        assert activate(slip).status_code == 422
        assert codes_of(admin_class, engineer) == []
        assert handing_out.forget_expired(at=timezone.now()) == 3
        assert not OneTimeCode.objects.exclude(code=None).exists()
        assert "新发激活码 3" in handing_out.hand_out(actor=engineer, circle=circle(admin_class))

    def test_another_slip_makes_the_lost_one_worthless(self, class_of, college, engineer):
        admin_class = class_of(college)
        handing_out.hand_out(actor=engineer, circle=circle(admin_class))
        lost = codes_of(admin_class, engineer)[0]
        code = OneTimeCode.objects.get(account__person__enrolments__number=lost.number)
        told = handing_out.reissue(code, actor=engineer)
        fresh = codes_of(admin_class, engineer)[0]
        assert fresh.code in told
        assert activate(lost).status_code == 422
        assert activate(fresh).url == "/"

    def test_a_voided_code_opens_nothing(self, class_of, college, engineer):
        admin_class = class_of(college)
        handing_out.hand_out(actor=engineer, circle=circle(admin_class))
        slip = codes_of(admin_class, engineer)[0]
        code = OneTimeCode.objects.get(account__person__enrolments__number=slip.number)
        handing_out.void(code, actor=engineer, reason="丢失")
        assert activate(slip).status_code == 422

    def test_codes_stand_in_no_history_no_list_and_no_plain_column(self, class_of, college, engineer, client):
        admin_class = class_of(college)
        handing_out.hand_out(actor=engineer, circle=circle(admin_class))
        slip = codes_of(admin_class, engineer)[0]
        client.force_login(Account.objects.get(pk=engineer.account_id))
        for address in ("/identity/onetimecode/", "/api/v1/identity/onetimecode/"):
            assert slip.code not in client.get(address).content.decode()
        event = OneTimeCode.history_events.rel.related_model
        assert not {"code", "digest"} & {field.name for field in event._meta.get_fields()}

    def test_a_reminder_goes_to_those_who_wait_once_a_day(self, class_of, college, engineer):
        admin_class = class_of(college)
        assert handing_out.remind(actor=engineer, circle=circle(admin_class)) == "已提醒 3 人"
        assert Message.objects.filter(template=handing_out.DUE).count() == 3
        with pytest.raises(Refused, match="今天已经提醒过"):
            handing_out.remind(actor=engineer, circle=circle(admin_class))


class TestPart:
    def keeper(self, admin_class, engineer, college):
        holder = AccountFactory(person=PersonFactory(home_unit=college))
        until = timezone.localdate() + timedelta(days=9)
        delegation.appoint(admin_class, actor=engineer, account=holder, reason="班主任", valid_to=until)
        return actor_of(Account.objects.get(pk=holder.pk))

    def test_the_administrator_of_a_class_hands_out_to_that_class_alone(self, class_of, college, engineer):
        mine, theirs = class_of(college), class_of(college)
        actor = self.keeper(mine, engineer, college)
        assert "新发激活码 3" in handing_out.hand_out(actor=actor, circle=circle(mine))
        with pytest.raises(Refused, match="没有您可以发放"):
            handing_out.hand_out(actor=actor, circle=circle(theirs))
        handing_out.hand_out(actor=engineer, circle=circle(theirs))
        assert codes_of(theirs, actor) == []
        code = OneTimeCode.objects.filter(account__person__enrolments__admin_class=theirs).first()
        with pytest.raises(Refused):
            handing_out.reissue(code, actor=actor)
        assert [line.key for line in activating.progress(actor, grade=2026, way="class")] == [mine.pk]

    def test_who_may_more_than_the_part_gets_no_code_there(self, class_of, college, engineer):
        admin_class = class_of(college)
        clerk = Account.objects.filter(person__enrolments__admin_class=admin_class, state="pending").first()
        RoleGrantFactory(account=clerk, role="clerk", org_unit=college)
        told = handing_out.hand_out(
            actor=self.keeper(admin_class, engineer, college), circle=circle(admin_class)
        )
        assert "新发激活码 2" in told
        assert told.endswith("权限超出您的范围 1")

    def test_a_college_sees_its_own_lines(self, class_of, college, other_college, acting):
        mine = class_of(college)
        class_of(other_college)
        actor = acting("local_admin", college)
        (line,) = activating.progress(actor, grade=2026, way="college")
        assert (line.key, line.total, line.active, line.waiting, line.without) == (college.pk, 4, 1, 3, 3)
        assert [one.key for one in activating.progress(actor, grade=2026, way="class")] == [mine.pk]
        assert len(activating.progress(actor, grade=2026, way="counsellor")) == 1


class TestPages:
    def client_of(self, actor) -> Client:
        client = Client()
        client.force_login(Account.objects.get(pk=actor.account_id))
        return client

    def test_from_the_progress_to_the_printed_slips(self, class_of, college, engineer):
        admin_class, client = class_of(college), self.client_of(engineer)
        page = client.get("/activation/").content.decode()
        assert college.name in page
        assert "为 3 人发放激活码" in page
        address = f"/activation/class/{admin_class.pk}/"
        assert client.post(address, {"verb": "hand_out"}).url == address
        assert "新发激活码 3" in client.get(address).content.decode()
        printed = client.post(f"{address}codes/")
        slips = codes_of(admin_class, engineer)
        assert all(slip.code in printed.content.decode() for slip in slips)
        assert printed["Cache-Control"] == "no-store"
        assert AuditEntry.objects.filter(action="identity.onetimecode.read_codes").exists()
        sheet = client.post(f"{address}codes/", {"as": "xlsx"})
        cells = CalamineWorkbook.from_filelike(io.BytesIO(sheet.content)).get_sheet_by_index(0).to_python()
        assert {row[3] for row in cells[1:]} == {slip.code for slip in slips}

    def test_are_closed_to_everybody_else(self, class_of, college, other_college, acting):
        admin_class = class_of(college)
        assert self.client_of(acting("student", college)).get("/activation/").status_code == 403
        stranger = self.client_of(acting("local_admin", other_college))
        for rest in ("", "codes/"):
            assert (
                stranger.post(f"/activation/class/{admin_class.pk}/{rest}", {"verb": "hand_out"}).status_code
                == 404
            )

    def test_a_whole_grade_in_the_background(self, class_of, college, other_college, engineer):
        class_of(college), class_of(other_college)
        run = run_now(hand_out_codes, actor=engineer, grade=2026, college=None)
        assert run.text == "2 个班级：发放 2 个、未能发放 0 个；新发激活码 6 个，仍没有码 0 人"
