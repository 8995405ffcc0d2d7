"""One matter: what is shown to whom, and acting on it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from yanta.kernel.files.models import StoredFile
from yanta.kernel.workflow.models import Copy, Instance, WorkItem

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


def text(answer):
    return answer.content.decode()


def item_page(world, instance, letter):
    return f"/workflow/items/{world.item(instance, letter).pk}/"


class TestSeen:
    def test_those_in_it_see_it_and_others_learn_nothing(self, world, eight, page_of):
        instance = world.approve(world.start(), "甲")
        address = f"/workflow/trace/{instance.pk}/"

        for letter in "申甲乙":
            assert page_of(letter).get(address).status_code == 200
        for hidden in (address, f"{address}diagram/", item_page(world, instance, "乙")):
            assert page_of("癸").get(hidden).status_code == 404

    def test_a_copy_is_read_by_opening_it(self, world, eight, page_of):
        instance = world.act(world.start(), "甲", "copy", to=["癸"])
        page_of("癸").get(f"/workflow/trace/{instance.pk}/")

        assert Copy.objects.get().read_at is not None

    def test_the_trace_says_who_what_when_and_how_long(self, world, eight, page_of):
        instance = world.act(world.start(), "甲", "approve", opinion="情况属实")
        page = text(page_of("申").get(f"/workflow/trace/{instance.pk}/"))

        assert "one：同意" in page
        assert "情况属实" in page
        assert "用时" in page

    def test_the_original_is_a_link_to_whom_it_opens(self, world, eight, page_of, college):
        instance = world.start()
        address = item_page(world, instance, "甲")
        Instance.objects.update(link="/applications/")
        assert "打开原件" in text(page_of("甲").get(address))

        Instance.objects.update(link=f"/organisation/orgunit/{college.pk}/")
        assert "打开原件" not in text(page_of("甲").get(address))

    def test_an_item_that_is_done_leads_to_the_trace(self, world, eight, page_of):
        instance = world.start()
        address = item_page(world, instance, "甲")
        world.approve(instance, "甲")

        assert page_of("甲").get(address).url == f"/workflow/trace/{instance.pk}/"

    def test_the_diagram_marks_where_it_has_been(self, world, eight, page_of):
        instance = world.approve(world.start(), "甲")
        data = page_of("甲").get(f"/workflow/trace/{instance.pk}/diagram/").json()

        assert data["marks"] == {"done": ["one"], "now": ["two"], "back": []}
        assert set(data["flows"]) == {"f1", "f2"}
        assert "BPMNShape" in data["xml"]  # laid out, since the file brought no drawing

    def test_opening_an_item_is_noted(self, world, eight, page_of):
        instance = world.start()
        page_of("甲").get(item_page(world, instance, "甲"))

        assert WorkItem.objects.get(instance=instance).read_at is not None


class TestActing:
    def test_approving_moves_it_on(self, world, eight, page_of):
        instance = world.start()
        answer = page_of("甲").post(item_page(world, instance, "甲"), {"verb": "approve", "opinion": "同意"})

        assert answer.url.startswith("/todos/")
        assert world.asked(instance) == "乙"

    def test_a_refusal_without_a_reason_stays_on_the_page(self, world, eight, page_of):
        instance = world.start()
        answer = page_of("甲").post(item_page(world, instance, "甲"), {"verb": "refuse"})

        assert answer.status_code == 422
        assert "请写明意见" in text(answer)
        assert world.asked(instance) == "甲"

    def test_returning_to_the_applicant_and_again(self, world, eight, page_of):
        instance = world.start()
        page_of("甲").post(
            item_page(world, instance, "甲"),
            {"verb": "return", "node": "", "how": "again", "opinion": "缺材料"},
        )
        page = text(page_of("申").get("/todos/"))
        assert instance.title in page

        answer = page_of("申").post(item_page(world, instance, "申"), {"verb": "approve"})

        assert answer.status_code == 302
        assert world.asked(instance) == "甲"

    def test_adding_a_signer(self, world, eight, page_of):
        instance = world.start()
        asked = {"verb": "add_signer", "to": world.id("癸"), "how": "before", "opinion": "请先看"}
        page_of("甲").post(item_page(world, instance, "甲"), asked)

        assert world.asked(instance) == "癸"

    def test_the_applicant_takes_it_back(self, world, eight, page_of):
        instance = world.start()
        page_of("申").post(f"/workflow/trace/{instance.pk}/", {"verb": "withdraw", "opinion": "写错了"})

        instance.refresh_from_db()
        assert instance.outcome == Instance.Outcome.WITHDRAWN

    @pytest.mark.parametrize("verb", ["", "explode", "start", "fire"])
    def test_what_is_no_verb_of_a_person_changes_nothing(self, world, eight, page_of, verb):
        instance = world.start()
        answer = page_of("甲").post(item_page(world, instance, "甲"), {"verb": verb})

        assert answer.status_code == 422
        assert world.asked(instance) == "甲"

    def test_nobody_acts_for_another(self, world, eight, page_of):
        instance = world.start()
        answer = page_of("申").post(item_page(world, instance, "甲"), {"verb": "approve"})

        assert answer.status_code == 403
        assert world.asked(instance) == "甲"

    def test_the_menu_offers_only_what_is_possible(self, world, eight, page_of):
        instance = world.start()
        page = text(page_of("申").get(f"/workflow/trace/{instance.pk}/"))

        assert 'value="withdraw"' in page
        assert 'value="approve"' not in page

    def test_a_comment_and_a_return_can_bring_papers(self, world, eight, page_of):
        instance = world.approve(world.start(), "甲")
        address = f"/workflow/trace/{instance.pk}/"
        assert text(page_of("申").get(address)).count('name="attachment"') == 1

        page_of("申").post(
            address, {"verb": "comment", "opinion": "补一份", "attachment": SimpleUploadedFile("a.pdf", PDF)}
        )
        page_of("乙").post(
            item_page(world, instance, "乙"),
            {
                "verb": "return",
                "node": "one",
                "how": "again",
                "opinion": "见批注",
                "attachment": SimpleUploadedFile("b.pdf", PDF),
            },
        )

        page = text(page_of("申").get(address))
        assert "a.pdf" in page
        assert "b.pdf" in page

    def test_an_attachment_is_read_by_those_in_it_and_nobody_else(self, world, eight, page_of):
        instance = world.start()
        paper = SimpleUploadedFile("依据.pdf", PDF, "application/pdf")
        page_of("甲").post(
            item_page(world, instance, "甲"), {"verb": "approve", "opinion": "见附件", "attachment": paper}
        )
        (file,) = StoredFile.objects.all()

        assert "依据.pdf" in text(page_of("申").get(f"/workflow/trace/{instance.pk}/"))
        assert page_of("申").get(f"/files/{file.pk}/").status_code == 200
        assert page_of("癸").get(f"/files/{file.pk}/").status_code == 404

    def test_a_file_of_a_refused_action_is_not_kept(self, world, eight, page_of):
        instance = world.start()
        paper = SimpleUploadedFile("依据.pdf", PDF, "application/pdf")
        page_of("甲").post(item_page(world, instance, "甲"), {"verb": "refuse", "attachment": paper})

        assert not StoredFile.objects.exists()


def test_whoever_approves_chooses_the_way_where_the_drawing_has_no_condition(world, drawn, page_of):
    from yanta.kernel.workflow.tests.world import asks, bpmn, chain

    drawn(
        bpmn(
            '<startEvent id="s"/><endEvent id="e"/><exclusiveGateway id="g"/>' + asks("one", "t1") + asks("two", "t2") + asks("three", "t3"),
            *chain("s", "one", "g", "two", "e"), ("g", "three"), ("three", "e"),
        )
    )  # fmt: skip
    instance = world.start()
    client = page_of("甲")
    address = item_page(world, instance, "甲")
    assert 'name="chosen"' in text(client.get(address))

    client.post(address, {"verb": "approve", "chosen": "f5"})

    assert world.asked(instance) == "丙"


class TestSentBack:
    def test_whoever_mends_it_reads_why_and_is_offered_no_verdicts(self, world, eight, page_of):
        instance = world.act(world.start(), "甲", "return", node="", opinion="缺少附件")
        page = text(page_of("申").get(item_page(world, instance, "申")))

        assert "甲退回：缺少附件" in page
        assert "修改说明" in page
        assert "情况属实，同意" not in page

    def test_what_nobody_has_said_yet_is_not_listed(self, world, eight, page_of):
        world.unit.short_name = ""
        world.unit.save()
        page = text(page_of("甲").get(item_page(world, world.start(), "甲")))

        assert world.unit.name in page
        assert 'class="none"' not in page
