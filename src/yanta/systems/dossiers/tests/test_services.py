import io
import zipfile
from datetime import date, timedelta

import orjson
import pytest
from django.db import InternalError, ProgrammingError, connection, transaction

from yanta.kernel import files
from yanta.kernel.base import Actor, Refused, ciphers, signatures
from yanta.kernel.base.refused import NotAllowed, OutOfScope
from yanta.kernel.testing import archival, deliver
from yanta.systems.dossiers import services
from yanta.systems.dossiers.models import Dossier, Entry, Inspection, Loan, Reading
from yanta.systems.dossiers.services import inspecting, lending, packing

SYSTEM = Actor.system("test")


def tampered(sql, *values):
    """What somebody with the database in hand could do."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE dossiers_entry DISABLE TRIGGER USER")
        cursor.execute(sql, values)
        cursor.execute("ALTER TABLE dossiers_entry ENABLE TRIGGER USER")


def failed(inspection):
    return {one["check"]: one["text"] for one in inspection.findings if one["verdict"] == "fail"}


class TestCollecting:
    def test_enrolment_opens_the_file(self, dossier):
        entry = dossier.entries.get()

        assert (entry.range_key, entry.period, entry.serial) == ("enrolment", "admission", 1)
        assert ["专业", "软件工程"] in entry.facts
        assert (dossier.entries_count, dossier.missing) == (1, 0)

    def test_again_adds_nothing(self, dossier, student):
        done = services.collect([student.person_id])

        assert (done.pieces, done.new, done.unchanged) == (1, 0, 1)

    def test_what_changed_stands_beside_the_old_and_the_change_too(self, dossier, student, other_college):
        student.department = other_college
        student.save()
        done = services.collect([student.person_id])

        assert (done.new, done.corrected) == (1, 1)
        corrected = dossier.entries.get(replaces__isnull=False)
        assert ["学院", "艺术学院"] in corrected.facts
        assert ["学院", "信息工程学院 → 艺术学院"] in dossier.entries.get(range_key="enrolment_change").facts
        dossier.refresh_from_db()
        assert dossier.unit == other_college

    def test_who_left_without_a_record_of_it_lacks_one(self, dossier, student):
        student.status = "07"
        student.save()
        services.collect([student.person_id])
        dossier.refresh_from_db()
        assert dossier.missing == 2

        student.left_on = date(2026, 7, 1)
        student.save()
        services.collect([student.person_id])
        dossier.refresh_from_db()
        assert dossier.missing == 1

    def test_staff_files_lie_with_the_personnel_office(self, teacher, personnel):
        services.collect([teacher.person_id])

        found = Dossier.objects.get(kind="staff")
        assert found.unit == personnel
        assert set(found.entries.values_list("range_key", flat=True)) == {"hiring", "title"}

    def test_nothing_kept_can_be_altered_or_removed(self, dossier):
        for attempt in (lambda: dossier.entries.update(title="x"), lambda: dossier.entries.all().delete()):
            with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
                attempt()


class TestInspecting:
    def test_a_sound_file_and_its_signed_list(self, dossier):
        made = inspecting.look_through(dossier, by="张三")

        manifest = inspecting.manifest_of(dossier, list(dossier.entries.all()))
        assert made.is_sound
        assert {one["property"] for one in made.findings} == {"真实性", "完整性", "可用性", "安全性"}
        assert made.manifest_digest == ciphers.sm3_hex(manifest)
        assert signatures.verify_own(manifest, signatures.Signature.from_text(made.signature))
        assert not signatures.verify_own(manifest + b" ", signatures.Signature.from_text(made.signature))

    def test_an_altered_entry_is_found(self, dossier):
        tampered("UPDATE dossiers_entry SET facts = %s WHERE serial = 1", '[["专业", "临床医学"]]')

        made = inspecting.look_through(dossier, by="x")

        assert not made.is_sound
        assert "第 1 件" in failed(made)["逐件链值与归档时一致"]
        assert "第 1 件" in failed(made)["内容摘要与归档时一致"]

    def test_a_removed_entry_is_found(self, dossier, student, other_college):
        student.department = other_college
        student.save()
        services.collect([student.person_id])
        dossier.refresh_from_db()
        tampered("DELETE FROM dossiers_entry WHERE serial = %s", dossier.entries_count)

        made = inspecting.look_through(dossier, by="x")

        assert "件数" in failed(made)["件号连续、件数与登记一致"]

    def test_a_file_that_is_gone_or_other_than_before_is_found(self, dossier, student):
        file = files.store("照片.txt", b"text", actor=SYSTEM, purpose="test", allow=("txt",), held=True)
        tampered("UPDATE dossiers_entry SET file_id = %s, file_digest = %s", file.pk, file.digest)
        files.storing.storage().delete(file.key)

        made = inspecting.look_through(dossier, by="x")

        assert "第 1 件" in failed(made)["原文可读、摘要相符"]

    def test_a_guard_that_was_switched_off_is_found(self, dossier):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE dossiers_entry DISABLE TRIGGER USER")

        made = inspecting.look_through(dossier, by="x")

        assert "触发器" in failed(made)["数据库禁止改动和删除"]

    def test_not_by_whoever_keeps_other_files(self, dossier, acting, other_college, holder):
        with pytest.raises(OutOfScope):
            services.inspect(dossier, actor=acting("counsellor", other_college))
        with pytest.raises(NotAllowed):
            services.inspect(dossier, actor=holder)
        assert not Inspection.objects.exists()


class TestPackage:
    def test_can_be_checked_without_us(self, dossier):
        with zipfile.ZipFile(packing.package_of(dossier, by="张三")) as archive:
            names = set(archive.namelist())
            manifest, signature = archive.read("manifest.json"), archive.read("manifest.sig").decode()
            key = signatures.PublicKey.from_pem(
                signature.split(":")[0], archive.read("public-key.pem").decode()
            )
            described = archive.read("封装包.xml").decode()
            assert archival.faults(archive.read("目录.pdf")) == []

        assert {"说明.txt", "目录.pdf", "检测.json"} < names
        assert signatures.verify(manifest, signatures.Signature.from_text(signature), key)
        assert orjson.loads(manifest)["entries"][0]["title"] == "入学登记"
        assert "<题名>入学登记</题名>" in described

    def test_not_of_a_file_that_fails(self, dossier):
        tampered("UPDATE dossiers_entry SET title = 'x'")

        with pytest.raises(Refused, match="四性检测没有通过"):
            packing.package_of(dossier, by="x")


class TestBorrowing:
    @pytest.fixture
    def loan(self, dossier, teacher):
        return services.borrow(
            actor=teacher, number="2025000001", purpose="推荐竞赛", days=7, periods="study"
        )

    def test_nothing_before_it_is_granted(self, loan, dossier, teacher):
        assert lending.pass_of(dossier, teacher) is None

    def test_the_granted_periods_for_the_granted_days(self, loan, dossier, teacher, acting, college, clock):
        services.grant(loan, actor=acting("clerk", college, name="陈管档"))
        deliver()

        ground = lending.pass_of(dossier, teacher)
        assert ground.periods == ("study",)
        assert "陈管档" in ground.basis
        clock.advance(days=8)
        assert lending.pass_of(dossier, teacher) is None
        assert lending.end_overdue(on=clock.now.date()) == 1

    def test_given_back_before(self, loan, dossier, teacher):
        services.grant(loan, actor=SYSTEM)
        services.give_back(loan, actor=teacher)

        assert lending.pass_of(dossier, teacher) is None
        deliver()

    def test_decided_by_who_keeps_it_and_never_by_oneself(
        self, loan, acting, other_college, teacher, college, dossier
    ):
        with pytest.raises(OutOfScope):
            services.grant(loan, actor=acting("clerk", other_college))
        with pytest.raises(NotAllowed):
            services.grant(loan, actor=teacher)
        clerk = acting("clerk", college)
        own = services.borrow(actor=clerk, number="2025000001", purpose="核对", days=1)
        with pytest.raises(Refused, match="自己的借阅"):
            services.grant(own, actor=clerk)

    def test_once_at_a_time_and_with_a_reason_when_refused(self, loan, teacher, acting, college):
        with pytest.raises(Refused, match="已经申请过"):
            services.borrow(actor=teacher, number="2025000001", purpose="再借")
        services.refuse(loan, actor=acting("head", college), opinion="用途不明")

        loan.refresh_from_db()
        assert (loan.state, loan.opinion) == (Loan.State.REFUSED, "用途不明")
        deliver()

    def test_counsellors_reach_students_and_not_their_colleagues(self, dossier, teacher, acting, college):
        services.collect([teacher.person_id])
        counsellor = acting("counsellor", college)
        colleague = Dossier.objects.get(kind="staff")

        assert lending.pass_of(dossier, counsellor).basis.startswith("管理范围")
        assert lending.pass_of(colleague, counsellor) is None
        assert lending.pass_of(colleague, acting("clerk", college)) is None


class TestPages:
    @pytest.fixture
    def signed_in(self, client):
        from yanta.kernel.identity.models import Account

        def signed_in(actor):
            client.force_login(
                Account.objects.get(pk=actor.account_id),
                backend="yanta.kernel.identity.backends.AccountBackend",
            )
            return client

        return signed_in

    def test_ones_own(self, dossier, holder, signed_in):
        answer = signed_in(holder).get("/dossiers/")

        assert answer.status_code == 200
        assert "入学登记" in answer.content.decode()
        assert not Reading.objects.exists()

    def test_every_look_of_others_is_noted_and_shown(self, dossier, holder, acting, college, signed_in):
        signed_in(acting("counsellor", college, name="李辅导")).get(f"/dossiers/{dossier.pk}/")

        assert Reading.objects.get().reader == "李辅导"
        assert "李辅导" in signed_in(holder).get("/dossiers/").content.decode()

    def test_others_learn_not_even_that_it_exists(self, dossier, acting, other_college, college, signed_in):
        for actor in (
            acting("student", college),
            acting("counsellor", other_college),
            acting("teacher", college),
        ):
            assert signed_in(actor).get(f"/dossiers/{dossier.pk}/").status_code == 404
            assert signed_in(actor).post(f"/dossiers/{dossier.pk}/package.zip").status_code == 404

    def test_borrowers_see_their_periods_and_take_nothing_away(self, dossier, teacher, signed_in):
        loan = services.borrow(actor=teacher, number="2025000001", purpose="竞赛", days=7, periods="study")
        services.grant(loan, actor=SYSTEM)
        page = signed_in(teacher).get(f"/dossiers/{dossier.pk}/")

        assert "入学登记" not in page.content.decode()
        assert signed_in(teacher).post(f"/dossiers/{dossier.pk}/package.zip").status_code == 404
        deliver()

    def test_the_package_is_a_zip(self, dossier, holder, signed_in):
        answer = signed_in(holder).post(f"/dossiers/{dossier.pk}/package.zip")

        assert zipfile.is_zipfile(io.BytesIO(b"".join(answer.streaming_content)))


def test_old_versions_are_counted(dossier, student, other_college):
    from yanta.systems.dossiers.queries import reading

    student.department = other_college
    student.save()
    services.collect([student.person_id])
    last = Entry.objects.get(replaces__isnull=False)

    assert reading.versions_before(dossier) == {last.pk: 1}
    assert timedelta(0) == last.happened_on - date(2025, 9, 1)
