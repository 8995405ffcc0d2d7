import io
import shutil
import subprocess
import zipfile
from datetime import date, timedelta
from itertools import count

import pytest
from asn1crypto import pem, x509
from django.db import IntegrityError, InternalError, ProgrammingError, transaction
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from yanta.kernel import files, workflow
from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed, OutOfScope
from yanta.kernel.jobs import Cancelled, Progress
from yanta.kernel.jobs.models import JobRun
from yanta.kernel.jobs.running import execute
from yanta.kernel.testing import published
from yanta.kernel.workflow.papers import papers_of
from yanta.sso.seals import events, national, public, registering, services, verifying
from yanta.sso.seals.demo.papers import paper, written
from yanta.sso.seals.models import Certificate, Impression, RequestFile, Seal, SealRequest
from yanta.sso.seals.services import requests
from yanta.sso.seals.tests.conftest import PAPER, SYSTEM

State = SealRequest.State


def content_of(request):
    with files.open_file(request.files.get().document.file) as file:
        return file.read()


def statuses(content):
    """What the library's own validator says, trusting our root alone."""
    context = ValidationContext(trust_roots=verifying.roots(), allow_fetching=False, moment=verifying._claimed(
        PdfFileReader(io.BytesIO(content)).embedded_regular_signatures[0]
    ))  # fmt: skip
    reader = PdfFileReader(io.BytesIO(content))
    return [
        validate_pdf_signature(one, context, ts_validation_context=context)
        for one in reader.embedded_regular_signatures
    ]


class TestTheWay:
    def test_the_papers_stand_where_it_is_decided_and_sealed_where_it_was_asked(
        self, hand_in, head, keeper, teacher
    ):
        request = hand_in()
        matter = workflow.instance_of(request)
        [before] = papers_of(matter, head)
        assert before.url == f"/files/{request.files.get().file_id}/?inline"

        services.endorse(request, actor=head)
        services.press(request, actor=keeper)

        document = request.files.get().document
        [after] = papers_of(matter, teacher)
        assert after.url == f"/files/{document.file_id}/"
        assert document.shown_number in after.note

    def test_from_the_application_to_the_register(self, hand_in, head, keeper, seal):
        request = hand_in()
        assert request.state == State.SUBMITTED
        services.endorse(request, actor=head)
        services.press(request, actor=keeper)

        request.refresh_from_db()
        entry = Impression.objects.get()
        assert (request.state, request.endorsed_by, request.kept_by) == (State.SEALED, "刘院长", "郑保管")
        assert (entry.seal, entry.by, entry.request) == (seal, "郑保管", request)
        assert request.number in entry.approval
        assert "刘院长" in entry.approval
        content = content_of(request)
        assert entry.sm3 == verifying.ciphers.sm3_hex(content)
        assert national.verify(entry.national, entry.sm3, entry.sm2)
        assert not national.verify(entry.national, "0" * 64, entry.sm2)
        assert len(published(events.DocumentSealed)) == 1
        seal.refresh_from_db()
        assert seal.uses == 1

    def test_the_signature_is_pades_b_t_for_the_librarys_validator(self, sealed):
        (status,) = statuses(content_of(sealed(places="关键字：盖章处；第2页@100,150；骑缝")))

        assert status.bottom_line
        assert status.timestamp_validity.trusted
        assert status.coverage.name == "ENTIRE_FILE"

    def test_an_sm2_signature_stands_within_the_document_where_the_school_wants_it(
        self, sealed, settings, seal
    ):
        settings.SEALS_SM2_INSIDE = True

        content = content_of(sealed())

        within, shown = PdfFileReader(io.BytesIO(content)).embedded_regular_signatures
        assert national.is_national(within.signer_info)
        assert within.signer_cert.dump() == pem.unarmor(seal.national.pem.encode())[2]
        assert not national.is_national(shown.signer_info)
        found = verifying.findings_in(content)
        assert [(one.kind, one.holds, one.intact) for one in found] == [
            ("国密签名", True, True),
            ("盖章", True, True),
        ]
        assert verifying.by_content(content).standing == "valid"

    def test_openssl_finds_the_sm2_signature_right(self, sealed, settings, seal, tmp_path):
        if shutil.which("openssl") is None:
            pytest.skip("openssl is not installed")
        settings.SEALS_SM2_INSIDE = True
        within, _shown = PdfFileReader(io.BytesIO(content_of(sealed()))).embedded_regular_signatures
        key = x509.Certificate.load(pem.unarmor(seal.national.pem.encode())[2]).public_key
        (tmp_path / "key.pem").write_bytes(pem.armor("PUBLIC KEY", key.dump()))
        (tmp_path / "attributes").write_bytes(within.signer_info["signed_attrs"].untag().dump())
        (tmp_path / "value").write_bytes(within.signer_info["signature"].native)

        said = subprocess.run(
            ["openssl", "dgst", "-sm3", "-verify", "key.pem", "-sigopt", "distid:1234567812345678", "-signature",
             "value", "attributes"], cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip

        assert said.stdout.strip() == "Verified OK", said.stderr

    @pytest.mark.parametrize("at", [200, -200])
    def test_a_changed_byte_breaks_the_sm2_signature(self, sealed, settings, at):
        settings.SEALS_SM2_INSIDE = True
        content = bytearray(content_of(sealed()))
        within = PdfFileReader(io.BytesIO(bytes(content))).embedded_regular_signatures[0]
        content[at if at > 0 else sum(list(within.byte_range)[2:]) + at] ^= 1

        assert not any(one.holds for one in verifying.findings_in(bytes(content)))

    def test_poppler_says_the_same(self, sealed, tmp_path):
        if shutil.which("pdfsig") is None:
            pytest.skip("poppler-utils is not installed")
        (tmp_path / "a.pdf").write_bytes(content_of(sealed()))

        said = subprocess.run(
            ["pdfsig", "-nocert", tmp_path / "a.pdf"], capture_output=True, text=True, check=True
        ).stdout

        assert "Signature is Valid" in said
        assert "ETSI.CAdES.detached" in said
        assert "Total document signed" in said

    def test_many_at_once_end_in_a_sum_that_adds_up(self, hand_in, head, keeper):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as opened:
            for number in range(3):
                opened.writestr(
                    f"证明/{number}.pdf", paper(f"证明{number}", [["盖章处" if number else "没有"]])
                )
        request = hand_in(archive.getvalue())
        services.endorse(request, actor=head)
        services.press(request, actor=keeper)

        states = list(request.files.order_by("pk").values_list("state", flat=True))
        assert states == [RequestFile.State.REFUSED, RequestFile.State.SEALED, RequestFile.State.SEALED]
        assert "没有关键字" in request.files.first().refusal
        assert Impression.objects.count() == 2

    def test_a_large_batch_is_pressed_in_the_background_and_goes_on_after_a_crash(
        self, hand_in, head, keeper, monkeypatch
    ):
        monkeypatch.setattr(requests, "AT_ONCE", 2)
        request = hand_in(PAPER, PAPER, PAPER)
        services.endorse(request, actor=head)
        services.press(request, actor=keeper)
        run = JobRun.objects.get(name="sso.press_many")
        assert request.state == State.PRESSING
        with pytest.raises(Refused, match="正在用印"):
            services.press(request, actor=keeper)

        pressing, calls = registering.seal, count(1)

        def dies_at_the_second(*given, **more):
            if next(calls) == 2:
                raise KeyboardInterrupt
            return pressing(*given, **more)

        monkeypatch.setattr(registering, "seal", dies_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            execute(run.pk)
        assert Impression.objects.count() == 1
        assert execute(run.pk) is None

        request.refresh_from_db()
        assert (request.state, request.kept_by) == (State.SEALED, "郑保管")
        assert Impression.objects.count() == 3
        assert {one.state for one in request.files.all()} == {RequestFile.State.SEALED}

    def test_a_batch_that_is_stopped_is_the_keepers_again(self, hand_in, head, keeper, monkeypatch):
        monkeypatch.setattr(requests, "AT_ONCE", 1)
        request = hand_in(PAPER, PAPER)
        services.endorse(request, actor=head)
        services.press(request, actor=keeper)
        monkeypatch.setattr(Progress, "step", refuse_to_go_on)
        execute(JobRun.objects.get(name="sso.press_many").pk)

        request.refresh_from_db()
        assert request.state == State.ENDORSED
        assert not Impression.objects.exists()


def refuse_to_go_on(*_given):
    raise Cancelled


class TestNobodyGetsThrough:
    def test_not_without_the_heads_word(self, hand_in, keeper):
        request = hand_in()

        with pytest.raises(Refused, match="待负责人审批"):
            services.press(request, actor=keeper)
        SealRequest.objects.filter(pk=request.pk).update(state=State.ENDORSED)
        with pytest.raises(Refused, match="没有负责人的审批"):
            services.press(request, actor=keeper)

        assert not Impression.objects.exists()

    def test_not_by_another_than_the_keeper(self, hand_in, head, acting, college):
        request = hand_in()
        services.endorse(request, actor=head)

        with pytest.raises(Refused, match="只有保管人"):
            services.press(request, actor=acting("clerk", college))
        with pytest.raises(Refused, match="只有保管人"):
            services.press(request, actor=head)

        assert not Impression.objects.exists()

    def test_an_approval_is_used_once(self, sealed, keeper, head):
        request = sealed()

        with pytest.raises(Refused, match="不能用印"):
            services.press(request, actor=keeper)
        with pytest.raises(Refused, match="不在负责人环节"):
            services.endorse(request, actor=head)
        assert Impression.objects.count() == 1

    def test_not_another_document_than_was_approved(self, hand_in, head, keeper, teacher):
        request = hand_in()
        services.endorse(request, actor=head)
        (other,) = services.taken_in([services.Handed("b.pdf", paper("借据", [["盖章处"]]))], actor=teacher)
        request.files.update(file=other)

        with pytest.raises(Refused, match="与审批时不一致"):
            services.press(request, actor=keeper)

    def test_another_colleges_head_does_not_see_it(self, hand_in, acting, other_college):
        with pytest.raises(OutOfScope):
            services.endorse(hand_in(), actor=acting("head", other_college))

    def test_nobody_approves_ones_own(self, hand_in, head):
        request = hand_in(actor=head)

        with pytest.raises(Refused, match="自己"):
            services.endorse(request, actor=head)

    def test_students_and_other_units_do_not_apply(self, hand_in, student_actor, acting, other_college):
        with pytest.raises(NotAllowed):
            hand_in(actor=student_actor)
        with pytest.raises(Refused, match="不能申请使用"):
            hand_in(actor=acting("teacher", other_college))

    def test_policy_and_term_hold_when_it_is_pressed(self, hand_in, head, keeper, seal, clock):
        first, second = hand_in(), hand_in()
        for request in (first, second):
            services.endorse(request, actor=head)
        Seal.objects.filter(pk=seal.pk).update(most_uses=1)
        services.press(first, actor=keeper)

        with pytest.raises(Refused, match="只剩 0 次"):
            services.press(second, actor=keeper)
        Seal.objects.filter(pk=seal.pk).update(most_uses=None, valid_to=date(2026, 11, 20))
        clock.advance(days=1)
        with pytest.raises(Refused, match="不在有效期"):
            services.press(second, actor=keeper)

    def test_a_destroyed_seal_takes_what_waits_with_it(self, hand_in, seal):
        request = hand_in()
        services.destroy(seal, actor=SYSTEM, opinion="机构撤销")

        request.refresh_from_db()
        certificate = Certificate.objects.get(pk=seal.certificate_id)
        assert request.state == State.REFUSED
        assert certificate.private is None
        assert certificate.state == Certificate.State.REVOKED

    def test_the_register_cannot_be_changed(self, sealed):
        sealed()
        for change in (
            lambda: Impression.objects.update(by="别人"),
            lambda: Impression.objects.all().delete(),
        ):
            with pytest.raises((ProgrammingError, InternalError, IntegrityError)), transaction.atomic():
                change()


def hostile(extra: str, catalogue: str = "") -> bytes:
    parts = [f"<< /Type /Catalog /Pages 2 0 R {catalogue} >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
             f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] {extra} >>"]  # fmt: skip
    return written(parts)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (hostile("", "/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>"), "脚本"),
        (hostile("/AA << /O << /S /Launch /F (cmd.exe) >> >>"), "启动程序"),
        (hostile("", "/Names << /EmbeddedFiles << /Names [] >> >>"), "附件"),
        (hostile("", "/AcroForm << /XFA [] >>"), "XFA"),
        (b"%PDF-1.7\n" + b"0" * 100, "不是完好"),
        (PAPER + b"\0" * (20 * 1024 * 1024), "20 MB"),
    ],
)
def test_papers_that_do_something_are_not_taken(hand_in, content, words):
    with pytest.raises(Refused, match=words):
        hand_in(content)


class TestSigning:
    def test_signatures_of_several_stand_side_by_side(self, sealed, teacher, certified):
        content = content_of(sealed())
        (file,) = services.taken_in([services.Handed("a.pdf", content)], actor=teacher)

        signed = services.sign_paper(file, actor=teacher, title="在读证明", places="第1页@60,150")

        with files.open_file(signed.file) as both:
            found = statuses(both.read())
        assert [one.bottom_line for one in found] == [True, True]
        assert Impression.objects.filter(document=signed).count() == 2
        with pytest.raises(Refused, match="已有签名"):
            services.sign_paper(file, actor=teacher, title="x", places="骑缝")

    def test_only_with_a_certificate_in_force(self, teacher, certified):
        (file,) = services.taken_in([services.Handed("a.pdf", PAPER)], actor=teacher)
        services.suspend_certificate(certified, actor=SYSTEM, opinion="核查")

        with pytest.raises(Refused, match="没有可用的个人证书"):
            services.sign_paper(file, actor=teacher, title="x")


class TestOtherSystems:
    @pytest.fixture
    def standing(self, seal, keeper, head):
        request = services.authorise(
            actor=keeper,
            seal=seal,
            title="在读证明",
            purpose="自助打印",
            quota=1,
            valid_to=date(2026, 12, 31),
        )
        services.endorse(request, actor=head)
        services.press(request, actor=keeper)
        return request

    def test_seal_under_an_authority_that_is_used_up(self, standing):
        sealed = public.seal_document(PAPER, authority=standing.number, title="在读证明", actor=SYSTEM)

        assert public.standing_of(sealed.number) == "valid"
        with pytest.raises(Refused, match="用完"):
            public.seal_document(PAPER, authority=standing.number, title="在读证明", actor=SYSTEM)
        public.withdraw_document(sealed.number, reason="信息有误")
        assert public.standing_of(sealed.number) == "withdrawn"

    def test_never_without_one(self, hand_in, standing, head, clock):
        for number in (hand_in().number, "YY2026999999", "", "YY2026１"):
            with pytest.raises(Refused, match="没有生效"):
                public.seal_document(PAPER, authority=number, title="x", actor=SYSTEM)
        clock.now += timedelta(days=60)
        with pytest.raises(Refused, match="过期"):
            public.seal_document(PAPER, authority=standing.number, title="x", actor=SYSTEM)

    def test_nobody_signs_for_another(self, teacher, certified, head):
        assert public.sign_document(PAPER, person_id=teacher.person_id, title="x", actor=teacher).number
        with pytest.raises(Refused, match="本人"):
            public.sign_document(PAPER, person_id=teacher.person_id, title="x", actor=head)
