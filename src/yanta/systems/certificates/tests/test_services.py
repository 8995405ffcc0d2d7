import io
import zipfile

import pytest
from django.db import InternalError, ProgrammingError, transaction

from yanta.kernel import files
from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.refused import NotAllowed, OutOfScope
from yanta.kernel.jobs.models import JobRun
from yanta.kernel.jobs.running import execute
from yanta.kernel.testing import deliver, published
from yanta.kernel.testing.factories import PersonFactory
from yanta.masterdata.models import AdminClass, Student
from yanta.sso.seals import issuers
from yanta.sso.seals import public as seals
from yanta.systems.certificates import events, services
from yanta.systems.certificates.models import Certificate, Share, ShareView
from yanta.systems.certificates.queries import telling
from yanta.systems.certificates.services import kiosks, sharing

SYSTEM = Actor.system("test")
VISITOR = sharing.Visitor("203.0.113.9", "a phone")


def content_of(certificate):
    with files.open_file(certificate.file) as content:
        return content.read()


@pytest.fixture
def issued(kind, student, holder):
    return services.ask(actor=holder, kind="ZD", purpose="求职")


class TestAsking:
    def test_at_once_numbered_and_sealed(self, issued, standing):
        standing.refresh_from_db()

        assert (issued.state, issued.number) == ("issued", "ZD2026000001")
        assert f"{issued.valid_to}" == "2027-05-19"
        assert seals.is_genuine(content_of(issued))
        assert standing.used == 1
        assert len(published(events.CertificateIssued)) == 1

    def test_keeps_where_each_fact_came_from_and_no_value(self, issued):
        facts = {one["name"]: one for one in issued.facts}

        assert facts["student.number"]["owner"] == "教务处"
        assert "2025000001" not in repr(issued.facts)
        assert "欧阳晓明" not in repr(issued.facts)

    def test_text_of_people_is_never_markup(self, kind, student, holder):
        student.person.name = '#panic("x") $y$ *z* @w'
        student.person.save()

        assert services.ask(actor=holder, kind="ZD", purpose='#read("/etc/passwd")').state == "issued"

    def test_no_more_than_so_many(self, issued, kind, holder):
        kind.most = 1
        kind.save()

        with pytest.raises(Refused, match="最多开 1 份"):
            services.ask(actor=holder, kind="ZD", purpose="求职")

        assert Certificate.objects.count() == 1

    def test_what_is_not_known_is_named_with_its_owner(self, kind, student, holder):
        student.programme = None
        student.save()

        with pytest.raises(Refused, match="专业（教务处）"):
            services.ask(actor=holder, kind="ZD", purpose="求职")

    def test_not_without_an_authority(self, kind, student, holder):
        kind.authority = ""
        kind.save()

        with pytest.raises(Refused, match="没有生效的用印授权"):
            services.ask(actor=holder, kind="ZD", purpose="求职")

        assert not Certificate.objects.exists()

    def test_only_for_oneself(self, kind, clerk):
        with pytest.raises(Refused, match="只给在读学生"):
            services.ask(actor=clerk, kind="ZD", purpose="求职")

    def test_a_new_one_takes_the_place_of_the_old(self, issued, kind, holder):
        kind.replaces = True
        kind.save()
        services.ask(actor=holder, kind="ZD", purpose="签证")

        issued.refresh_from_db()
        assert issued.state == "superseded"


class TestEnglish:
    def test_missing_english_is_named(self, english, student, holder):
        with pytest.raises(Refused, match="还没有官方英文：“软件工程”"):
            services.ask(actor=holder, kind="ZDE", purpose="visa")

    def test_with_it(self, english, named, student, holder):
        assert services.ask(actor=holder, kind="ZDE", purpose="visa").number == "ZDE2026000001"


class TestApproval:
    @pytest.fixture
    def asked(self, kind, student, holder):
        kind.needs_approval = True
        kind.save()
        return services.ask(actor=holder, kind="ZD", purpose="推免")

    def test_the_registry_approves(self, asked, registry):
        services.approve(asked, actor=registry)

        asked.refresh_from_db()
        assert (asked.state, asked.decided_by) == ("issued", "何教务")

    def test_refused_with_a_reason(self, asked, registry):
        services.refuse(asked, actor=registry, opinion="成绩正在复核")
        deliver()

        asked.refresh_from_db()
        assert (asked.state, asked.opinion, asked.document) == ("refused", "成绩正在复核", "")

    def test_not_by_the_holder_nor_by_another_college(self, asked, holder, acting, other_college):
        with pytest.raises(NotAllowed):
            services.approve(asked, actor=holder)
        with pytest.raises(OutOfScope):
            services.approve(asked, actor=acting("head", other_college))


class TestWorth:
    def test_the_public_page_is_told_with_the_name_masked(self, issued):
        told = issuers.told_of(issued.document, whole=False)

        assert told.word == "有效"
        assert dict(told.facts)["持证人"] == "欧***"
        issued.refresh_from_db()
        assert issued.checks == 1

    def test_found_by_number_and_code_only(self, issued):
        assert issuers.number_behind(f"{issued.number} {issued.code}") == issued.document
        wrong = "AAAAAA" if issued.code != "AAAAAA" else "BBBBBB"
        assert issuers.number_behind(f"{issued.number} {wrong}") is None
        assert issuers.number_behind(issued.number) is None

    def test_who_has_graduated_since(self, issued, student):
        student.status = "07"
        student.save()

        assert "毕业" in telling.told(issued.document, whole=False).text

    def test_a_fact_that_changed_is_named_without_its_value(self, issued, student):
        student.number = "2025999999"
        student.save()

        told = telling.told(issued.document, whole=False)
        assert "学号" in told.text
        assert "2025999999" not in told.text

    def test_leaving_ends_it_at_the_register_too(self, issued, student, clock):
        student.status = "03"
        student.save()

        assert services.follow({student.person_id}, on=clock.now.date()) == 1
        assert services.follow(on=clock.now.date()) == 0
        issued.refresh_from_db()
        assert (issued.state, seals.standing_of(issued.document)) == ("ended", "withdrawn")
        deliver()

    def test_graduating_does_not(self, issued, student, clock):
        student.status = "07"
        student.save()

        assert services.follow(on=clock.now.date()) == 0

    def test_revoked_by_the_owner_with_a_reason(self, issued, registry, holder):
        with pytest.raises(NotAllowed):
            services.revoke(issued, actor=holder, reason="x")
        services.revoke(issued, actor=registry, reason="姓名有误")

        assert "姓名有误" in telling.told(issued.document, whole=True).text
        assert seals.standing_of(issued.document) == "withdrawn"
        with pytest.raises(Refused, match="不能撤销"):
            services.revoke(issued, actor=registry, reason="x")


class TestSharing:
    @pytest.fixture
    def shared(self, issued, holder):
        return services.share(issued, actor=holder, recipient="某公司", days=7, most_views=2)

    def test_a_link_a_code_a_log(self, shared):
        sharing.open_share(shared.token, shared.code, visitor=VISITOR)

        shared.refresh_from_db()
        assert shared.views == 1
        assert ShareView.objects.get().address == "203.0.113.9"

    def test_used_up(self, shared):
        for _ in range(2):
            sharing.open_share(shared.token, shared.code, visitor=VISITOR)
        with pytest.raises(Refused, match="次数已用完"):
            sharing.open_share(shared.token, shared.code, visitor=VISITOR)

    def test_expired(self, shared, clock):
        clock.advance(days=7)

        with pytest.raises(Refused, match="已过期"):
            sharing.open_share(shared.token, shared.code, visitor=VISITOR)

    def test_taken_back_by_the_holder_alone(self, shared, holder, acting, college):
        with pytest.raises(Refused):
            services.take_back(shared, actor=acting("student", college))
        services.take_back(shared, actor=holder)

        with pytest.raises(Refused, match="已收回"):
            sharing.open_share(shared.token, shared.code, visitor=VISITOR)

    def test_wrong_codes_are_counted_and_lock_it(self, shared):
        wrong = "000000" if shared.code != "000000" else "111111"
        for _ in range(8):
            with pytest.raises(Refused, match="提取码不对"):
                sharing.open_share(shared.token, wrong, visitor=VISITOR)

        with pytest.raises(Refused, match="已锁定"):
            sharing.open_share(shared.token, shared.code, visitor=VISITOR)
        assert Share.objects.get().views == 0

    def test_not_anothers(self, issued, acting, college):
        with pytest.raises(Refused):
            services.share(issued, actor=acting("student", college), recipient="x")

    def test_the_log_cannot_be_altered(self, shared):
        sharing.open_share(shared.token, shared.code, visitor=VISITOR)
        with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
            ShareView.objects.update(address="")


class TestBatch:
    @pytest.fixture
    def group(self, kind, student, college):
        made = AdminClass.objects.create(
            code="C1", name="软工2501", department=college, programme=student.programme, grade=2025
        )
        student.admin_class = made
        student.save()
        for number in (2, 3):
            Student.objects.create(
                number=f"202500000{number}", person=PersonFactory.create(name=f"同学{number}", sex="1" if number == 2 else ""),
                department=college, programme=student.programme, admin_class=made, level="3",
            )  # fmt: skip
        return made

    def test_a_receipt_that_adds_up(self, kind, group, clerk):
        batch = services.issue_many(actor=clerk, kind=kind, admin_class=group, purpose="乘车优惠")
        execute(JobRun.objects.get(pk=batch.run_id).pk)

        batch.refresh_from_db()
        assert (batch.state, batch.asked, batch.issued) == ("done", 3, 2)
        assert [(one["name"], "性别" in one["reason"]) for one in batch.refused] == [("同学3", True)]
        with files.open_file(batch.archive) as content:
            names = zipfile.ZipFile(io.BytesIO(content.read())).namelist()
        assert names == ["ZD2026000001 欧阳晓明.pdf", "ZD2026000002 同学2.pdf"]

    def test_nobody_gets_two_when_it_goes_on(self, kind, group, clerk):
        batch = services.issue_many(actor=clerk, kind=kind, admin_class=group, purpose="乘车优惠")
        services.hand_out(kind, batch.people[0], purpose="乘车优惠", actor=SYSTEM, batch=batch)
        execute(batch.run_id)

        batch.refresh_from_db()
        assert batch.issued == 2
        assert Certificate.objects.count() == 2

    def test_not_beyond_ones_reach(self, kind, group, acting, other_college):
        with pytest.raises(Refused, match="不在您管理范围"):
            services.issue_many(
                actor=acting("clerk", other_college), kind=kind, admin_class=group, purpose="x"
            )

    def test_a_number_of_another_class_is_named(self, kind, group, clerk):
        with pytest.raises(Refused, match="9999"):
            services.issue_many(
                actor=clerk, kind=kind, admin_class=group, purpose="x", numbers="2025000001, 9999"
            )


class TestEditing:
    def test_what_cannot_be_filled_is_not_kept(self, kind, registry):
        with pytest.raises(Refused, match=r"没有数据元“person\.shoe”"):
            services.write(kind, actor=registry, title="在读证明", body="{person.shoe}", closing="教务处")

    def test_closed_with_a_reason_that_people_read(self, kind, registry, student, holder):
        services.close(kind, actor=registry, reason="系统升级")

        with pytest.raises(Refused, match="暂不可办：系统升级"):
            services.ask(actor=holder, kind="ZD", purpose="求职")


class TestKiosk:
    def test_a_code_works_once(self, holder, office):
        kiosk = services.kiosks.Kiosk.objects.create(name="一号", place="大厅", unit=office)
        code = services.phone_code(actor=holder)

        assert kiosks.account_of(f"{code[:4]} {code[4:]}", kiosk=kiosk) == holder.account_id
        with pytest.raises(Refused, match="已过期"):
            kiosks.account_of(code, kiosk=kiosk)
