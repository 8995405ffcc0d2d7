import io
import zipfile
from datetime import timedelta

import pytest
from PIL import Image

from yanta.kernel.base import Actor, Refused
from yanta.kernel.files import may_read, open_file, readable, store
from yanta.kernel.files.jobs import removable, remove_old_files
from yanta.kernel.files.models import StoredFile
from yanta.kernel.files.storing import is_whole, storage
from yanta.kernel.testing import audited

PDF = b"%PDF-1.7\n%%EOF"
SYSTEM = Actor.system("test")


def image(kind="JPEG", size=(40, 30), **options):
    content = io.BytesIO()
    Image.new("RGB", size, "red").save(content, kind, **options)
    return content.getvalue()


def archive(*names, content=b"x"):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            file.writestr(name, content)
    return packed.getvalue()


def keep(name, content, **options):
    return store(name, content, actor=SYSTEM, purpose="test.paper", **options)


class TestStore:
    def test_keeps_what_it_was_given(self, student_actor):
        file = store("证明.pdf", PDF, actor=student_actor, purpose="leave.evidence")

        assert (file.name, file.size, file.content_type) == ("证明.pdf", len(PDF), "application/pdf")
        assert file.owner_id == student_actor.person_id
        with open_file(file) as content:
            assert content.read() == PDF
        assert is_whole(file)

    def test_equal_contents_lie_in_the_storage_once(self, db):
        assert keep("a.pdf", PDF).key == keep("b.pdf", PDF).key
        assert len(storage().listdir("")[0]) == 1

    @pytest.mark.parametrize(
        "name", ["../../etc/passwd.pdf", "C:\\temp\\a.pdf", "a\u202efdp.exe.pdf", "x" * 300 + ".pdf"]
    )
    def test_no_path_comes_from_a_user(self, db, name):
        file = keep(name, PDF)

        assert not set("/\\\u202e") & set(file.name)
        assert len(file.name) <= 150
        assert file.key.endswith(file.digest)

    def test_the_extension_follows_the_content(self, db):
        assert keep("photo.pdf", image("PNG")).name == "photo.png"

    @pytest.mark.parametrize(
        ("name", "content", "words"),
        [
            ("a.pdf", b"", "空的"),
            ("a.pdf", b"MZ\x90\x00 an executable", "无法识别"),
            ("a.pdf", b"<html><script>alert(1)</script>", "无法识别"),
            ("a.pdf", archive("word/document.xml"), "DOCX"),
            ("a.png", b"\x89PNG\r\n\x1a\n broken", "无法打开"),
            ("a.pdf", PDF + b"0" * 2 * 1024 * 1024, "超过 1 MB"),
        ],
    )
    def test_refuses_in_words_one_can_act_on(self, db, name, content, words):
        with pytest.raises(Refused, match=words):
            keep(name, content, megabytes=1)

        assert not StoredFile.objects.exists()

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (archive("xl/workbook.xml", "xl/vbaProject.bin"), "宏"),
            (archive("bomb", content=b"0" * 50_000_000), "展开后过大"),
            (b"PK\x03\x04 broken", "损坏"),
        ],
    )
    def test_archives_are_looked_into(self, db, content, words):
        with pytest.raises(Refused, match=words):
            keep("a.xlsx", content, allow=("xlsx", "zip"))

    @pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-8-sig"])
    def test_text_in_any_chinese_encoding_is_text(self, db, encoding):
        content = ("学号,姓名\n1,李明\n" * 1000).encode(encoding)

        assert keep("名单.csv", content, allow=("csv",)).content_type == "text/csv"

    def test_text_with_a_script_is_not(self, db):
        with pytest.raises(Refused):
            keep("a.txt", b"<script>alert(1)</script>", allow=("txt",))


class TestPhoto:
    def test_loses_place_and_device_and_nothing_else(self, db):
        exif = Image.Exif()
        exif[0x0110] = "a camera"
        exif[0x0112] = 6  # lies on its side
        file = keep("me.jpg", image(exif=exif), photo=True)

        with open_file(file) as content, Image.open(content) as kept:
            assert dict(kept.getexif()) == {}
            assert kept.size == (30, 40)

    def test_is_made_small_enough(self, db):
        file = keep("me.png", image("PNG", size=(3000, 100)), photo=True)

        assert file.name == "me.jpg"
        with open_file(file) as content, Image.open(content) as kept:
            assert kept.size == (2400, 80)


class TestReading:
    def test_is_for_the_owner_and_not_for_others(self, student_actor, acting, college, other_college):
        file = store("证明.pdf", PDF, actor=student_actor, purpose="test.paper", org_unit=college)

        assert may_read(file, student_actor)
        assert not may_read(file, acting("student", college))
        assert not may_read(file, acting("clerk", other_college))

    def test_a_purpose_may_let_more_people_in(self, student_actor, clerk):
        @readable("test.shared")
        def clerks(file, actor):
            return actor.has_role("clerk")

        file = store("证明.pdf", PDF, actor=student_actor, purpose="test.shared")

        assert may_read(file, clerk)

    def test_ends_when_the_file_expires(self, student_actor, clock):
        file = store("x.pdf", PDF, actor=student_actor, purpose="test.paper", keep=timedelta(days=1))
        clock.advance(days=2)

        assert not may_read(file, student_actor)


class TestDownload:
    @pytest.fixture
    def page(self, rf):
        from yanta.kernel.files.views import DownloadView

        def get(file, actor, query=""):
            request = rf.get(f"/files/{file.pk}/{query}")
            request.actor = actor
            return DownloadView.as_view()(request, pk=file.pk)

        return get

    def test_is_sent_so_that_a_browser_runs_nothing_in_it(self, student_actor, page):
        file = store("证 明.pdf", PDF, actor=student_actor, purpose="test.paper")

        answer = page(file, student_actor)

        assert b"".join(answer.streaming_content) == PDF
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
        assert "sandbox" in answer["Content-Security-Policy"]
        assert audited() == []

    def test_shows_a_picture_in_place_when_asked_but_never_text(self, student_actor, page):
        picture = store("a.png", image("PNG"), actor=student_actor, purpose="test.paper")
        text = store("a.txt", b"hello", actor=student_actor, purpose="test.paper", allow=("txt",))

        assert page(picture, student_actor, "?inline")["Content-Disposition"].startswith("inline")
        assert page(text, student_actor, "?inline")["Content-Disposition"].startswith("attachment")

    def test_of_anothers_file_is_audited_or_not_found(
        self, student_actor, engineer, acting, other_college, page
    ):
        from django.http import Http404

        file = store("a.pdf", PDF, actor=student_actor, purpose="test.audited")
        readable("test.audited")(lambda file, actor: actor.has_role("engineer"))

        page(file, engineer)
        assert [entry.action for entry in audited()] == ["files.storedfile.download"]
        with pytest.raises(Http404):
            page(file, acting("student", other_college))


class TestCleanup:
    def test_removes_what_expired_and_what_nobody_claimed(self, db, clock):
        expired = keep("a.pdf", PDF, keep=timedelta(days=2))
        held = keep("b.pdf", PDF, held=True)
        unclaimed = keep("c.pdf", PDF + b" ")
        clock.advance(days=3)
        fresh = keep("d.pdf", PDF + b"  ")

        assert set(removable(at=clock.now)) == {expired, unclaimed}
        remove_old_files()

        assert set(StoredFile.objects.all()) == {held, fresh}
        assert storage().exists(held.key)  # the same content as the expired one
        assert not storage().exists(unclaimed.key)
