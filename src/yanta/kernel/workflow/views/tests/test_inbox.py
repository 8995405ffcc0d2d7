"""The inbox: what waits, what was done, many at once, and what it costs."""

import io
import re
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from yanta.kernel.portal import todos
from yanta.kernel.workflow.cards import asked
from yanta.kernel.workflow.models import Delegation, Instance, OutsideTodo, WorkItem

pytestmark = pytest.mark.django_db
MOST_BYTES = 30_000
FRAME = r'id="waiting-top">(\d+)<'
TAB = r'待办 <span class="n">(\d+)<'


def counts_on(page):
    """The number in the frame of the page, and that of the tab."""
    return tuple(int(re.search(one, page)[1]) for one in (FRAME, TAB))


def text(answer):
    return answer.content.decode()


class TestLists:
    def test_what_waits_is_there_and_only_for_whom_it_waits(self, world, eight, page_of):
        instance = world.start()

        assert instance.title in text(page_of("甲").get("/todos/"))
        assert instance.title not in text(page_of("乙").get("/todos/"))

    def test_who_started_sees_where_it_stands_and_with_whom(self, world, eight, page_of):
        world.start()

        assert "one（甲）" in text(page_of("申").get("/todos/?tab=started"))

    def test_something_new_is_begun_from_what_one_has_started(self, eight, page_of):
        assert 'btn-accent" href="/hall/"' in text(page_of("申").get("/todos/?tab=started"))
        assert 'btn-accent" href="/hall/"' not in text(page_of("申").get("/todos/?tab=done"))

    def test_what_was_done_moves_to_done(self, world, eight, page_of):
        instance = world.approve(world.start(), "甲")

        assert instance.title not in text(page_of("甲").get("/todos/"))
        assert instance.title in text(page_of("甲").get("/todos/?tab=done"))

    def test_a_deadline_speaks_in_words(self, world, eight, page_of):
        instance = world.start()
        WorkItem.objects.filter(instance=instance).update(due_at=timezone.now() - timedelta(days=2, hours=1))

        assert "已逾期 2 天" in text(page_of("甲").get("/todos/"))
        assert instance.title in text(page_of("甲").get("/todos/?overdue=1"))
        WorkItem.objects.filter(instance=instance).update(due_at=timezone.now() + timedelta(days=9))
        assert instance.title not in text(page_of("甲").get("/todos/?overdue=1"))

    def test_search_and_process_narrow(self, world, eight, page_of):
        instance = world.start()
        client = page_of("甲")

        assert instance.title in text(client.get("/todos/", {"q": instance.title[:2]}))
        assert instance.title not in text(client.get("/todos/", {"q": "没有的事"}))
        assert instance.title not in text(client.get("/todos/", {"process": "another"}))

    @pytest.mark.parametrize(
        "odd", ["tab=x", "before=x", "tab=done&before=9e99", "from=-1", "from=99999999999999999999", "q=%00"]
    )
    def test_odd_addresses_are_answered(self, eight, page_of, odd):
        assert page_of("甲").get(f"/todos/?{odd}").status_code in (200, 400)

    def test_outside_todos_and_those_of_systems_stand_there_too(self, world, eight, page_of, monkeypatch):
        world.start()
        OutsideTodo.objects.create(
            source="oa",
            source_title="旧OA",
            key="1",
            person_id=world.id("甲"),
            title="会议通知签收",
            link="https://oa.example/1",
        )
        monkeypatch.setattr(
            todos, "_providers", [lambda _actor: [todos.Todo("核对学籍", "/x/", kind="核对")]]
        )

        page = text(page_of("甲").get("/todos/"))
        assert 'hx-get="/todos/?_part=others"' in page

        for part in ("others", "whole"):
            page = text(page_of("甲").get(f"/todos/?_part={part}"))
            assert "会议通知签收" in page
            assert "核对学籍" in page

    def test_who_has_nothing_else_sees_what_systems_ask_at_once(self, world, eight, page_of, monkeypatch):
        monkeypatch.setattr(
            todos, "_providers", [lambda _actor: [todos.Todo("核对学籍", "/x/", kind="核对")]]
        )

        page = text(page_of("甲").get("/todos/"))

        assert "核对学籍" in page
        assert "_part=others" not in page

    def test_the_tab_the_frame_and_the_lines_count_the_same(self, world, eight, page_of, monkeypatch):
        world.start()
        monkeypatch.setattr(
            todos, "_providers", [asked, lambda _actor: [todos.Todo("核对冲突", "/x/", count=8)]]
        )
        OutsideTodo.objects.create(
            source="oa", source_title="旧OA", key="1", person_id=world.id("甲"), title="签收", link="/1"
        )
        client = page_of("甲")
        client.get("/messages/")  # the frame has counted before

        others = text(client.get("/todos/?_part=others"))
        assert re.search(TAB, others)[1] == "10"
        assert "2 类，共 9 件" in others
        for address in ("/todos/", "/todos/?tab=done"):
            shell, tab = counts_on(text(client.get(address)))
            assert shell == tab == 10

    def test_many_acted_on_in_one_moment_are_all_found(self, world, eight, page_of):
        _done(world, 60)
        WorkItem.objects.filter(node="two").update(acted_at=timezone.now())
        client, address, seen = page_of("甲"), "/todos/?tab=done", []
        while address:
            page = text(client.get(address))
            seen += re.findall(r"办件 \d+", page)
            following = re.search(r'href="\?(tab=done&amp;before=\d+)"', page)
            address = following and "/todos/?" + following[1].replace("&amp;", "&")

        assert len(seen) == len(set(seen)) == 60
        _forget()

    def test_who_is_not_signed_in_is_sent_to_the_door(self, client):
        assert client.get("/todos/").status_code == 302


class TestCost:
    def test_five_thousand_done_items_cost_one_page(self, world, eight, page_of):
        _done(world, 5000)
        client = page_of("甲")
        client.get("/todos/?tab=done")

        with CaptureQueriesContext(
            connection,
        ) as few:
            page = client.get("/todos/?tab=done")

        assert len(page.content) < MOST_BYTES
        assert sum("workflow_workitem" in (one["sql"] or "") for one in few) <= 4
        following = text(page).split('href="?tab=done&amp;before=')[1].split('"')[0]
        assert client.get(f"/todos/?tab=done&before={following}").status_code == 200
        _forget()

    def test_a_full_page_of_todos_stays_small(self, world, eight, page_of):
        _done(world, 40, state=WorkItem.State.TODO)

        assert len(page_of("甲").get("/todos/").content) < MOST_BYTES
        _forget()


def _done(world, count, state=WorkItem.State.DONE):
    first = world.start()
    instances = Instance.objects.bulk_create(
        Instance(
            version_id=first.version_id, process=first.process, title=f"办件 {n}", subject_type="x.y", subject_id=n,
            applicant_id=first.applicant_id, started_at=timezone.now(), state=Instance.State.ENDED if state == "done" else "running",
        )
        for n in range(count)
    )  # fmt: skip
    now = timezone.now()
    WorkItem.objects.bulk_create(
        WorkItem(
            instance=one, serial=1, token="two#1", node="two", node_title="two", person_id=world.id("甲"), state=state, group=1,
            round=1, arrived_at=now, acted_at=now - timedelta(minutes=n) if state == "done" else None, verdict="approve",
        )
        for n, one in enumerate(instances)
    )  # fmt: skip


def _forget():
    """Rows made in bulk have no history that could be replayed."""
    Instance.objects.filter(subject_type="x.y").delete()


class TestBulk:
    def test_every_item_gets_its_answer(self, world, eight, page_of):
        """Step one may not be approved in bulk, step two may."""
        first = world.approve(world.start(), "甲")
        item = world.item(first, "乙")

        page = text(page_of("乙").post("/todos/act/", {"keys": [item.pk], "opinion": "同意"}))

        assert world.asked(first) == "丙"
        assert "未办的和原因" not in page

    def test_what_may_not_be_done_in_bulk_says_so(self, world, eight, page_of):
        instance = world.start()

        page = text(page_of("甲").post("/todos/act/", {"keys": [world.item(instance, "甲").pk]}))

        assert "不能批量办理" in page
        assert world.asked(instance) == "甲"

    def test_the_items_of_others_are_not_touched(self, world, eight, page_of):
        instance = world.approve(world.start(), "甲")

        page_of("甲").post("/todos/act/", {"keys": [world.item(instance, "乙").pk]})

        assert world.asked(instance) == "乙"


def test_the_tab_as_a_sheet(world, eight, page_of):
    instance = world.start()
    answer = page_of("甲").get("/todos/export.xlsx")

    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active

    assert [cell.value for cell in sheet[2]][:2] == [instance.title, "one"]


class TestDelegations:
    def give(self, client, deputy, first="2026-01-01", last="2099-01-01", **more):
        return client.post(
            "/workflow/delegations/", {"deputy": deputy, "valid_from": first, "valid_to": last, **more}
        )

    @pytest.fixture(autouse=True)
    def _short(self, monkeypatch):
        monkeypatch.setattr("yanta.kernel.workflow.delegating.LONGEST_DAYS", 99_999)

    def test_what_arrives_goes_to_the_deputy(self, world, eight, page_of):
        self.give(page_of("甲"), world.id("乙"))

        assert world.asked(world.start()) == "乙"

    def test_two_deputies_on_one_day_are_refused(self, world, eight, page_of):
        self.give(page_of("甲"), world.id("乙"))
        answer = self.give(page_of("甲"), world.id("丙"))

        assert answer.status_code == 422
        assert "已委托给乙" in text(answer)

    def test_a_circle_is_refused(self, world, eight, page_of):
        self.give(page_of("甲"), world.id("乙"))

        assert "也委托了别人" in text(self.give(page_of("乙"), world.id("甲")))

    @pytest.mark.parametrize(
        ("first", "last", "reason"),
        [("2099-01-01", "2098-01-01", "早于"), ("2020-01-01", "2020-02-01", "过去"), ("", "", "请选人")],
    )
    def test_odd_periods_are_refused(self, world, eight, page_of, first, last, reason):
        assert reason in text(self.give(page_of("甲"), world.id("乙"), first, last))

    def test_one_ends_ones_own_only(self, world, eight, page_of):
        self.give(page_of("甲"), world.id("乙"))
        (given,) = Delegation.objects.all()

        assert page_of("乙").post(f"/workflow/delegations/{given.pk}/end/").status_code == 404
        page_of("甲").post(f"/workflow/delegations/{given.pk}/end/")

        assert world.asked(world.start()) == "甲"

    def test_a_colleague_is_found_by_name(self, world, eight, page_of):
        person = world.person("乙")

        assert f'data-value="{person.person_id}"' not in text(
            page_of("甲").get("/workflow/people/?q=乙")
        )  # one letter is too little
        assert "没有找到" in text(page_of("甲").get("/workflow/people/?q=谁也不是"))
