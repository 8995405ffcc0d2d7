import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp
from django.core.cache import cache

from yanta.kernel import files
from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.sso.seals import authority, rules, services, verifying
from yanta.sso.seals.demo.papers import paper
from yanta.sso.seals.models import Certificate, SignedDocument
from yanta.sso.seals.tests.conftest import PAPER, SYSTEM

Reason = Certificate.Reason


@pytest.fixture
def document(sealed) -> SignedDocument:
    return sealed().files.get().document


@pytest.fixture
def content(document) -> bytes:
    with files.open_file(document.file) as file:
        return file.read()


class TestStanding:
    def test_what_is_registered_is_found_by_number_digest_and_file(self, document, content):
        entry = document.impressions.get()

        for verdict in (
            verifying.by_number(document.shown_number), verifying.by_digest(entry.sm3.upper()),
            verifying.by_digest(entry.sha256), verifying.by_content(content),
        ):  # fmt: skip
            assert (verdict.standing, verdict.document) == ("valid", document)
            assert verdict.findings[0].name == str(entry.seal)

    def test_a_changed_byte_is_noticed(self, content):
        at = content.index(b"stream") + 40
        changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]

        assert verifying.by_content(changed).standing in ("altered", "unknown")
        assert verifying.by_content(changed).standing != "valid"

    def test_so_is_what_was_appended(self, content):
        from io import BytesIO

        from pyhanko.pdf_utils import generic
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

        writer = IncrementalPdfFileWriter(BytesIO(content))
        writer.add_stream_to_page(0, writer.add_object(generic.StreamObject(stream_data=b"0 0 300 300 re f")))
        out = BytesIO()
        writer.write(out)

        assert verifying.by_content(out.getvalue()).standing == "altered"

    def test_foreign_and_unsigned_files_are_unknown(self, document):
        assert verifying.by_content(PAPER).standing == "unknown"
        assert verifying.by_content(b"%PDF-1.7 nonsense").standing == "unknown"
        assert verifying.by_number(rules.new_number()).standing == "unknown"
        assert verifying.by_digest("0" * 64).standing == "unknown"

    def test_a_lost_key_taints_what_it_signed_and_an_ended_seal_does_not(
        self, document, content, seal, clock
    ):
        clock.advance(days=1)
        services.revoke(seal.certificate, actor=SYSTEM, ended_for=Reason.CLOSED, opinion="换章")
        assert verifying.by_content(content).standing == "valid"
        assert "停用" in verifying.by_number(document.number).findings[0].words

        Certificate.objects.filter(pk=seal.certificate_id).update(ended_for=Reason.KEY)
        assert verifying.by_number(document.number).standing == "revoked"
        assert verifying.by_content(content).standing == "revoked"

    def test_a_withdrawn_document_says_why(self, document, content, head):
        services.withdraw_document(document, actor=head, reason="成绩有误")

        verdict = verifying.by_content(content)
        assert (verdict.standing, verdict.note) == ("withdrawn", "成绩有误")

    def test_the_same_name_under_another_root_is_not_ours(self, content, monkeypatch):
        monkeypatch.setattr(verifying, "roots", list)

        (found,) = verifying.findings_in(content)
        assert not found.holds


class TestThePage:
    def test_is_open_and_says_no_more_than_needed(self, client, teacher, certified):
        (file,) = services.taken_in([services.Handed("王老师的论文.pdf", PAPER)], actor=teacher)
        signed = services.sign_paper(file, actor=teacher, title="王老师的论文")

        text = client.get(f"/verify/{signed.number}/").content.decode()

        assert "有效" in text
        assert "王**" in text
        assert "王老师" not in text

    def test_takes_a_file_and_keeps_nothing(self, client, content, document, db):
        from django.core.files.uploadedfile import SimpleUploadedFile

        from yanta.kernel.files.models import StoredFile

        before = StoredFile.objects.count()
        text = client.post("/verify/", {"document": SimpleUploadedFile("a.pdf", content)}).content.decode()

        assert "与登记的文件一致" in text
        assert StoredFile.objects.count() == before

    def test_does_not_let_numbers_be_tried(self, client, db, clock):
        cache.clear()
        answers = [client.get(f"/verify/{rules.new_number()}/").status_code for _ in range(31)]

        assert answers[:30] == [200] * 30
        assert answers[30] == 429

    def test_a_forged_number_is_not_registered(self, client, db):
        cache.clear()
        for number in ("ABCD-EFGH-JKLM-NPQR", "' OR 1=1 --", "%00"):
            assert "没有登记" in client.get(f"/verify/{number}/").content.decode()


class TestAuthority:
    def test_revocation_is_told_to_programs(self, client, certified):
        row = Certificate.objects.get(pk=certified.pk)
        question = ocsp.OCSPRequestBuilder().add_certificate(
            authority.loaded(row), authority.loaded(row.issuer), hashes.SHA256()
        ).build().public_bytes(verifying.Encoding.DER)  # fmt: skip
        ask = lambda: ocsp.load_der_ocsp_response(  # noqa: E731 - asked twice
            client.post("/seals/ocsp/", question, content_type="application/ocsp-request").content
        )
        assert ask().certificate_status == ocsp.OCSPCertStatus.GOOD

        services.revoke(row, actor=SYSTEM, ended_for=Reason.KEY, opinion="私钥泄露")

        assert ask().certificate_status == ocsp.OCSPCertStatus.REVOKED
        listed = x509.load_der_x509_crl(client.get(f"/seals/crl/{row.issuer.serial}.crl").content)
        assert listed.is_signature_valid(authority.loaded(row.issuer).public_key())
        assert listed.get_revoked_certificate_by_serial_number(int(row.serial, 16)) is not None
        row.refresh_from_db()
        assert row.private is None
        assert client.post("/seals/ocsp/", b"x", content_type="application/ocsp-request").status_code == 200

    def test_a_key_is_unreadable_in_the_database(self, certified):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT private FROM seals_certificate WHERE id = %s", [certified.pk])
            (kept,) = cursor.fetchone()
        assert b"PRIVATE KEY" not in bytes(kept)
        assert b"PRIVATE KEY" in certified.private.encode()

    def test_one_is_asked_for_once_and_renewed(self, teacher, certified, clock):
        with pytest.raises(Refused, match="已有同类"):
            services.ask_for_certificate(actor=teacher, reason="再来一张")

        fresh = services.renew(certified, actor=SYSTEM)

        certified.refresh_from_db()
        assert (certified.state, fresh.state) == (Certificate.State.REPLACED, Certificate.State.ISSUED)
        clock.advance(days=800)
        assert services.expire(at=clock.now) >= 1
        assert Certificate.objects.get(pk=fresh.pk).state == Certificate.State.EXPIRED

    def test_people_cannot_issue_to_themselves(self, teacher, clock):
        row = services.ask_for_certificate(actor=teacher, reason="签署")

        with pytest.raises(NotAllowed):
            services.issue_certificate(row, actor=teacher)

    def test_an_outside_certificate_is_taken_from_pkcs12(self, teacher, clock, engineer):
        from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

        from yanta.kernel.people.models import Person

        row = Certificate(kind="unit", algorithm="p256", subject="外部机构")
        authority.issue(row, authority.Holder("王老师"), at=clock.now)
        above = [authority.loaded(authority.of(kind)) for kind in ("issuing", "root")]
        packed = pkcs12.serialize_key_and_certificates(
            b"x",
            authority.private_key_of(row),
            authority.loaded(row),
            above,
            BestAvailableEncryption(b"1234"),
        )
        row.delete()
        person = Person.objects.get(pk=teacher.person_id)

        with pytest.raises(Refused, match="口令不对"):
            services.import_certificate(person, packed, "12345", actor=engineer)
        made = services.import_certificate(person, packed, "1234", actor=engineer)
        (file,) = services.taken_in([services.Handed("a.pdf", paper("x", [["y"]]))], actor=teacher)

        assert made.outside
        assert services.sign_paper(file, actor=teacher, title="x").impressions.get().certificate == made
