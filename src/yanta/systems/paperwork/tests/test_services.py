import io
import zipfile
from datetime import date

import openpyxl
import pytest
from django.test import Client

from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.refused import NotAllowed, OutOfScope
from yanta.kernel.documents.samples import SAMPLES, build
from yanta.kernel.files import open_file, store
from yanta.kernel.identity.models import Account
from yanta.kernel.testing import audited
from yanta.kernel.testing.factories import PersonFactory
from yanta.kernel.testing.rows import RowMaker
from yanta.masterdata.models import Student
from yanta.systems.paperwork import queries, services
from yanta.systems.paperwork.models import Batch, Edition, Form, Issued
from yanta.systems.paperwork.services import batches, producing

TODAY = date(2026, 11, 21)
SYSTEM = Actor.system("tests")


def stored(key: str, rows: str = ""):
    import dataclasses

    sample = SAMPLES[key]
    content = build(dataclasses.replace(sample, rows=rows) if rows else sample)
    return store(
        f"{sample.title}.{sample.kind}",
        content,
        actor=SYSTEM,
        purpose="制式表格",
        allow=(sample.kind,),
        held=True,
    )


@pytest.fixture
def form(college, clerk):
    return services.upload(
        actor=clerk, title="学生情况卡片", code="xs-01", owner=college, audience=Form.Audience.STUDENT, name="2026 版",
        file=stored("roster-card"),
    )  # fmt: skip


@pytest.fixture
def edition(form, clerk):
    found = form.editions.get()
    services.confirm_all(found, actor=clerk)
    found.refresh_from_db()
    services.put_in_force(found, actor=clerk, on=TODAY)
    found.refresh_from_db()
    return found


@pytest.fixture
def students(college):
    maker = RowMaker(person=lambda unit: PersonFactory(home_unit=unit))
    made = [maker.make(Student, college) for _ in range(5)]
    Student.objects.filter(pk__in=[one.pk for one in made]).update(left_on=None, status="01")
    for one in made[:2]:
        one.person.phone = "13800001234"
        one.person.save()
    return made


def started(clerk, unit, **more):
    return services.start_batch(actor=clerk, form="xs-01", unit=unit, purpose="班级存档", **more)


class TestLibrary:
    def test_an_upload_finds_its_cells_and_suggests(self, form):
        edition = form.editions.get()
        assert len(edition.slots) == 13
        assert edition.status == Edition.Status.DRAFT
        assert edition.bound["学生情况卡片!B2"].element == "student.number"

    def test_an_edition_with_undecided_cells_is_not_put_in_force(self, form, clerk):
        with pytest.raises(Refused, match="13 处空格没有确认"):
            services.put_in_force(form.editions.get(), actor=clerk, on=TODAY)

    def test_a_new_edition_takes_over_what_was_confirmed_and_ends_the_old_one(self, edition, form, clerk):
        rows = SAMPLES["roster-card"].rows.strip().replace("床位", "宿舍地址")
        services.add_edition(
            form, actor=clerk, name="2027 版", file=stored("roster-card", "填表说明|>|>|>|>|>\n" + rows)
        )
        new = form.editions.get(name="2027 版")
        kept = {one["label"]: one["confirmed"] for one in new.bindings}
        assert kept["姓名"]
        assert not kept.get("宿舍地址", False)
        services.confirm_all(new, actor=clerk)
        new.refresh_from_db()
        services.put_in_force(new, actor=clerk, on=TODAY)
        edition.refresh_from_db()
        assert (edition.status, edition.valid_to) == (Edition.Status.RETIRED, TODAY)

    def test_a_college_cannot_upload_for_another(self, clerk, other_college):
        with pytest.raises(OutOfScope):
            services.upload(
                actor=clerk, title="表", code="x", owner=other_college, audience=Form.Audience.STUDENT, name="1",
                file=stored("roster-card"),
            )  # fmt: skip

    @pytest.mark.parametrize(
        ("given", "why"),
        [
            ({}, "请选择数据项"), ({"element": "person.shoe_size"}, "没有数据项"), ({"element": "person.photo"}, "不能填进"),
            ({"element": "person.name", "when": "import os"}, "无法判断"), ({"text": "{nothing}"}, "花括号"),
        ],
    )  # fmt: skip
    def test_a_cell_is_not_mapped_to_nonsense(self, form, clerk, given, why):
        with pytest.raises(Refused, match=why):
            services.bind(form.editions.get(), actor=clerk, slot="学生情况卡片!B2", **given)


class TestForOneself:
    def test_ones_own_form_with_sensitive_values_and_provenance(self, edition, students, acting):
        student = students[0]
        actor = acting("student", student.department, person=student.person)
        filled = services.produce(edition, actor=actor, person=student.person, on=TODAY)
        values = [
            cell.value for row in openpyxl.load_workbook(io.BytesIO(filled.content)).active for cell in row
        ]
        assert student.number in values
        assert "13800001234" in values
        issued = Issued.objects.get()
        assert {"element", "digest", "source", "origin"} <= issued.written[0].keys()
        assert "13800001234" not in str(issued.written)

    def test_not_for_whom_it_is_not(self, edition, acting, college):
        person = PersonFactory(home_unit=college)
        with pytest.raises(Refused, match="不是给您填的"):
            services.produce(
                edition, actor=acting("teacher", college, person=person), person=person, on=TODAY
            )

    def test_not_for_a_fellow_student(self, edition, students, acting):
        actor = acting("student", students[0].department, person=students[0].person)
        with pytest.raises(Refused, match="没有为他人"):
            services.produce(edition, actor=actor, person=students[1].person, on=TODAY)


class TestBatch:
    def test_the_numbers_add_up_and_the_archive_holds_them(self, edition, students, clerk, college):
        batch = started(clerk, college, numbers=f"{students[0].number} {students[1].number}，9999")
        made = batches.run(batch.pk, actor=clerk, step=lambda *_: None)
        assert made.read == 3 == made.filled + made.with_gaps + made.refused
        assert batch.strangers == [("9999", "查无此号")]
        with open_file(made.archive) as content, zipfile.ZipFile(content) as archive:
            assert len(archive.namelist()) == 3
            assert archive.testzip() is None
        with open_file(made.report) as content:
            receipt = {
                row[0].value: row[1].value
                for row in openpyxl.load_workbook(io.BytesIO(content.read()))["对账单"]
            }
        assert (receipt["名单人数"], receipt["未生成"]) == (3, 1)

    def test_only_people_in_scope(self, edition, students, clerk_of, other_college):
        stranger = clerk_of(other_college)
        asked = queries.people_asked(
            "student", actor=stranger, unit=other_college, admin_class=None, numbers=students[0].number
        )
        assert asked.people == []
        assert asked.refused == [(students[0].number, "不在您的管理范围")]

    def test_a_whole_unit_in_bulk_with_a_fixed_number_of_questions(
        self, edition, students, clerk, college, django_assert_max_num_queries
    ):
        people = [one.person_id for one in students]
        with django_assert_max_num_queries(14):
            sheet = producing.sheet_for(edition, people, actor=clerk, on=TODAY)
        assert len(sheet.facts) == 5

    def test_what_one_may_not_reveal_stays_empty_and_is_said(self, edition, students):
        sheet = producing.sheet_for(edition, [students[0].person_id], actor=Actor.nobody(), on=TODAY)
        filled = sheet.fill(students[0].person)
        assert "13800001234" not in [
            c.value for row in openpyxl.load_workbook(io.BytesIO(filled.content)).active for c in row
        ]
        (withheld,) = (one for one in filled.problems if one.kind == "withheld")
        assert "没有查看" in withheld.text

    def test_run_again_it_stays_as_it_is(self, edition, students, clerk, college):
        batch = started(clerk, college)
        batches.run(batch.pk, actor=clerk, step=lambda *_: None)
        batches.run(batch.pk, actor=clerk, step=lambda *_: None)
        assert Issued.objects.count() == 5

    def test_stopped_half_way_nothing_is_kept(self, edition, students, clerk, college):
        from yanta.kernel.jobs import Cancelled

        def stop(*_):
            raise Cancelled

        batch = started(clerk, college)
        with pytest.raises(Cancelled):
            batches.run(batch.pk, actor=clerk, step=stop)
        assert not Issued.objects.exists()
        assert Batch.objects.get(pk=batch.pk).archive is None

    def test_students_start_none(self, edition, students, acting, college):
        with pytest.raises(NotAllowed):
            started(acting("student", college, person=students[0].person), college)


class TestPages:
    def test_the_form_is_drawn_and_its_slots_can_be_chosen(self, form, clerk):
        edition = form.editions.get()
        client = Client()
        client.force_login(Account.objects.get(pk=clerk.account_id))
        page = client.get(f"/paperwork/editions/{edition.pk}/map/").content.decode()
        assert page.count("hx-get=") >= 13

    def test_photo_of_ones_own(self, edition, students, acting):
        from yanta.kernel.documents.tests.facts import photo

        actor = acting("student", students[0].department, person=students[0].person)
        services.keep_photo(actor=actor, name="a.jpg", content=photo())
        assert audited()[-1].action == "paperwork.photo.keep"
