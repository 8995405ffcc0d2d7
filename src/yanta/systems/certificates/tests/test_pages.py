import pytest
from django.test import Client

from yanta.kernel import files
from yanta.kernel.identity.models import Account
from yanta.kernel.testing import archival
from yanta.masterdata.models import AdminClass
from yanta.systems.certificates import services

BACKEND = "yanta.kernel.identity.backends.AccountBackend"


@pytest.fixture
def signed_in():
    def signed_in(actor):
        browser = Client()
        browser.force_login(Account.objects.get(pk=actor.account_id), backend=BACKEND)
        return browser

    return signed_in


@pytest.fixture
def issued(kind, student, holder):
    return services.ask(actor=holder, kind="ZD", purpose="求职")


@pytest.fixture
def shared(issued, holder):
    return services.share(issued, actor=holder, recipient="某公司", days=7, most_views=2)


class TestOwn:
    def test_from_the_list_to_the_paper(self, kind, student, holder, signed_in):
        browser = signed_in(holder)
        assert "在读证明" in browser.get("/certificates/").content.decode()
        assert "软件工程" in browser.get("/certificates/new/ZD/").content.decode()
        assert browser.get("/certificates/new/ZD/preview.png").content[:4] == b"\x89PNG"

        made = browser.post("/certificates/new/ZD/", {"purpose": "求职"})

        assert made.status_code == 302
        assert "有效：" in browser.get(made.url).content.decode()
        assert archival.faults(b"".join(browser.get(f"{made.url}paper.pdf").streaming_content)) == []

    def test_refusals_are_read_where_one_stands(self, kind, student, holder, signed_in):
        answer = signed_in(holder).post("/certificates/new/ZD/", {"purpose": ""})

        assert answer.status_code == 422
        assert "请写明用途" in answer.content.decode()

    def test_others_do_not_see_it_and_the_colleges_clerk_does(
        self, issued, clerk, acting, college, other_college, signed_in
    ):
        for actor in (acting("student", college), acting("teacher", college), acting("clerk", other_college)):
            assert signed_in(actor).get(f"/certificates/{issued.pk}/").status_code == 404
            assert signed_in(actor).get(f"/certificates/{issued.pk}/paper.pdf").status_code == 404
        page = signed_in(clerk).get(f"/certificates/{issued.pk}/").content.decode()
        assert issued.number in page
        assert issued.code not in page


class TestShared:
    def test_code_then_certificate_then_nothing_once_taken_back(self, shared, holder):
        outside = Client()
        address = f"/certificates/shared/{shared.token}/"
        assert "欧阳晓明" not in outside.get(address).content.decode()
        assert outside.get(f"{address}paper.pdf").status_code == 404
        assert outside.post(address, {"code": "abc"}).status_code == 422

        page = outside.post(address, {"code": shared.code})

        assert "欧阳晓明" in page.content.decode()
        assert outside.get(f"{address}paper.pdf").status_code == 200
        services.take_back(shared, actor=holder)
        assert outside.get(f"{address}paper.pdf").status_code == 404
        assert "已收回" in outside.get(address).content.decode()

    def test_the_browser_says_where_it_comes_from_else_no_form_would_be_taken(self, shared):
        assert Client().get(f"/certificates/shared/{shared.token}/")["Referrer-Policy"] == "same-origin"

    def test_no_such_link(self, db):
        assert Client().get("/certificates/shared/nothing/").status_code == 404


class TestVerification:
    def test_by_code_number_and_file(self, issued):
        outside = Client()
        for text in (issued.document, f"{issued.number} {issued.code}"):
            page = outside.post("/verify/", {"number": text}).content.decode()
            assert "欧***" in page
            assert "所证明的情况与学校现在的数据一致" in page
        with files.open_file(issued.file) as content:
            page = outside.post("/verify/", {"document": content}).content.decode()
        assert "欧阳晓明" in page

    def test_revoked(self, issued, registry):
        services.revoke(issued, actor=registry, reason="姓名有误")

        page = Client().get(f"/verify/{issued.document}/").content.decode()
        assert "已撤销" in page
        assert "姓名有误" in page

    def test_an_altered_file(self, issued):
        import io

        with files.open_file(issued.file) as content:
            altered = io.BytesIO(content.read().replace(b"/Producer", b"/Pr0ducer", 1) + b"\n%x")
        altered.name = "a.pdf"

        assert "与登记的文件一致" not in Client().post("/verify/", {"document": altered}).content.decode()


class TestKiosk:
    @pytest.fixture
    def machine(self, office):
        kiosk = services.kiosks.Kiosk.objects.create(name="一号", place="大厅", unit=office)
        browser = Client()
        browser.get(f"/certificates/terminal/enter/{services.new_key(kiosk, actor=_system())}/")
        return browser

    def test_code_menu_paper_end(self, issued, holder, machine):
        code = services.phone_code(actor=holder)
        assert machine.post("/certificates/terminal/", {"code": code}).url == "/certificates/terminal/menu/"
        menu = machine.get("/certificates/terminal/menu/")
        assert menu["Refresh"].startswith("60;")
        assert machine.get(f"/certificates/terminal/{issued.pk}/paper.pdf").status_code == 200
        issued.refresh_from_db()
        assert issued.copies == 1

        machine.get("/certificates/terminal/end/")

        assert machine.get("/certificates/terminal/menu/").status_code == 302

    def test_it_forgets_by_itself(self, issued, holder, machine, clock, monkeypatch):
        import time

        machine.post("/certificates/terminal/", {"code": services.phone_code(actor=holder)})
        later = time.time() + 61
        monkeypatch.setattr("django.core.signing.time.time", lambda: later)

        assert machine.get("/certificates/terminal/menu/").status_code == 302

    def test_a_machine_nobody_registered_is_none(self, db):
        assert Client().get("/certificates/terminal/").status_code == 404

    def test_not_anothers_paper(self, issued, acting, college, machine):
        machine.post(
            "/certificates/terminal/", {"code": services.phone_code(actor=acting("student", college))}
        )

        assert machine.get(f"/certificates/terminal/{issued.pk}/paper.pdf").status_code == 404


class TestClerks:
    def test_a_class_is_chosen_within_reach(self, kind, student, clerk, college, signed_in):
        group = AdminClass.objects.create(
            code="C1", name="软工2501", department=college, programme=student.programme, grade=2025
        )
        student.admin_class = group
        student.save()
        browser = signed_in(clerk)
        assert "软工2501" in browser.get("/certificates/batches/new/").content.decode()

        made = browser.post(
            "/certificates/batches/new/", {"kind": kind.pk, "admin_class": group.pk, "purpose": "乘车优惠"}
        )

        assert made.status_code == 302
        assert "正在开具" in browser.get(made.url).content.decode()

    def test_students_do_not_issue_for_classes(self, holder, signed_in):
        assert signed_in(holder).get("/certificates/batches/new/").status_code == 404
        assert signed_in(holder).get("/certificates/statistics/").status_code == 404

    def test_the_owner_writes_the_text_and_sees_the_paper(self, kind, registry, signed_in):
        browser = signed_in(registry)
        address = f"/certificates/kinds/{kind.pk}/text/"
        assert browser.get(f"/certificates/kinds/{kind.pk}/sample.png").content[:4] == b"\x89PNG"

        refused = browser.post(address, {"title": "在读证明", "body": "{person.shoe}", "closing": "教务处"})
        kept = browser.post(
            address, {"title": "在读证明", "body": "{person.name}在读。", "closing": "教务处"}
        )

        assert (refused.status_code, kept.status_code) == (422, 302)

    def test_figures(self, issued, registry, signed_in):
        assert "近一年开具" in signed_in(registry).get("/certificates/statistics/").content.decode()


def _system():
    from yanta.kernel.base import Actor

    return Actor.system("test")
