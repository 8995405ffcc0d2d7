"""A registrar's day: a plan imported, tasks from the plans, a timetable made, adjusted by hand, published, printed; a round."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from playwright.sync_api import Locator, Page, expect

from tests.journeys.campus import Campus, violations

pytestmark = pytest.mark.browser

SCHOOL = ZoneInfo("Asia/Shanghai")
SOLVED_WITHIN = 240_000
MINE = "教务员的一天"


def test_a_registrars_day(campus: Campus) -> None:
    registry = campus.enter("registry")
    import_a_plan(registry)
    generate_tasks(registry)
    version = make_a_version(registry)
    solve(registry, version)
    move_by_keyboard(registry, version)
    move_by_dragging(registry, version)
    publish(registry, version)
    open_watch_and_close_a_round(registry)
    print_it(registry)
    see_it(campus.enter("student", phone=True))


def send(page: Page) -> None:
    """The form's own button, and on only when the server has answered."""
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.locator("main form").get_by_role("button").first.click()
    page.wait_for_load_state()


def import_a_plan(page: Page) -> None:
    """Next year's version of a plan; courses come into it from Excel, looked at row by row before they are written."""
    plans = page.request.get("/api/v1/curricula/plan/?status=published").json()["items"]
    page.goto(f"/curricula/plan/{plans[0]['id']}/copy/")
    page.fill("[name=grade]", "2027")
    send(page)
    found = re.search(r"/curricula/plan/(\d+)/", page.url)
    assert found, page.url
    group = page.request.get(f"/api/v1/curricula/group/?plan={found[1]}").json()["items"][0]
    listed = page.request.get(f"/api/v1/curricula/plancourse/?group={group['id']}").json()["items"]
    courses = page.request.get("/api/v1/masterdata/course/?limit=100").json()["items"]
    fresh = next(one for one in courses if one["id"] not in {row["course_id"] for row in listed})
    page.goto("/curricula/plancourse/import/")
    page.set_input_files("[name=file]", {
        "name": "计划课程.xlsx", "mimeType": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "buffer": sheet([["课程组", "课程", "建议学期"], [group["code"], fresh["code"], 3], ["没有这个组", fresh["code"], 3]]),
    })  # fmt: skip
    page.get_by_role("button", name="上传并预览").click()
    expect(page.locator("main tbody")).to_contain_text("没有这个组")
    page.get_by_role("button", name="写入 1 行").click()
    page.wait_for_url("**/import/*/")
    page.goto(f"/curricula/plans/{found[1]}/")
    expect(page.locator("main")).to_contain_text(fresh["name"])


def sheet(rows: list[list[str | int]]) -> bytes:
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept)
    page = book.add_worksheet()
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    book.close()
    return kept.getvalue()


def generate_tasks(page: Page) -> None:
    """From the plans in force, for the term that is prepared: a second run adds nothing and says so."""
    items = page.request.get("/api/v1/offerings/season/").json()["items"]
    season = next(one for one in items if one["status"] != "locked")
    page.goto(f"/offerings/season/{season['id']}/generate/")
    send(page)
    page.goto(f"/offerings/board/?season={season['id']}")
    expect(page.locator("main")).to_contain_text(re.compile("门|教学班"))


def make_a_version(page: Page) -> str:
    """A new version of the present term, from the published one."""
    items = page.request.get("/api/v1/timetables/version/?status=published").json()["items"]
    page.goto(f"/timetables/version/{items[0]['id']}/copy/")
    page.fill("[name=name]", f"{MINE} {datetime.now(SCHOOL):%H%M%S}")
    send(page)
    found = re.search(r"/timetables/version/(\d+)/", page.url)
    assert found, page.url
    return found[1]


def solve(page: Page, version: str) -> None:
    """In the background; the board follows it and ends with a sum that comes out."""
    page.goto(f"/timetables/version/{version}/solve/")
    page.fill("[name=minutes]", "0")
    send(page)
    page.goto(f"/timetables/board/?version={version}")
    # The part that follows the search renews itself.
    expect(page.locator("main")).not_to_contain_text("正在排", timeout=SOLVED_WITHIN)
    page.reload()
    expect(page.locator("main")).to_contain_text("没有硬冲突")
    assert violations(page, "light") == []


def move_by_keyboard(page: Page, version: str) -> None:
    """A meeting is picked up with Enter, the free times turn green, the arrows choose, Enter puts it down."""
    rows = page.request.get(f"/api/v1/timetables/placement/?version={version}&limit=1").json()["items"]
    page.goto(f"/timetables/of/class/{rows[0]['classes'][0]}/?version={version}")
    card = page.locator("td [data-meeting]").first
    key, before = card.get_attribute("data-meeting"), place_of(page, card.get_attribute("data-meeting"))
    card.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("td.free")
    expect(page.locator("td.busy").first).to_contain_text(re.compile("这时|教室|不能|赶不到"))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert place_of(page, key) != before


def move_by_dragging(page: Page, version: str) -> None:
    """The same with the mouse: picked up, the free times turn green, let go over one of them."""
    rows = page.request.get(f"/api/v1/timetables/placement/?version={version}&limit=1").json()["items"]
    page.goto(f"/timetables/of/class/{rows[0]['classes'][0]}/?version={version}")
    card = page.locator("td [data-meeting]").first
    key = card.get_attribute("data-meeting")
    before = place_of(page, key)
    x, y = middle(card)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 8, y + 8)
    page.wait_for_selector("td.free")
    with page.expect_navigation():
        page.mouse.move(*middle(page.locator("td.free").first), steps=5)
        page.mouse.up()
    assert place_of(page, key) != before


def middle(one: Locator) -> tuple[float, float]:
    one.scroll_into_view_if_needed()
    box = one.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def place_of(page: Page, key: str | None) -> str:
    cell = page.locator(f"td[data-day]:has([data-meeting='{key}'])")
    return f"{cell.get_attribute('data-day')}-{cell.get_attribute('data-from')}"


def publish(page: Page, version: str) -> None:
    """What moved is looked at before it is taken over."""
    page.goto(f"/timetables/compare/?after={version}")
    expect(page.locator("main")).to_contain_text("涉及学生")
    page.get_by_role("link", name="采用并发布").click()
    send(page)
    page.goto(f"/timetables/version/{version}/")
    expect(page.locator("main")).to_contain_text("已发布")


def open_watch_and_close_a_round(page: Page) -> None:
    """A round that is open now, prepared, watched on the console and closed with a reason."""
    terms = page.request.get("/api/v1/timetables/version/?status=published").json()["items"]
    now = datetime.now(SCHOOL)
    page.goto("/course_selection/round/new/")
    page.select_option("[name=term]", str(terms[0]["term_id"]))
    page.fill("[name=name]", f"{MINE} {now:%H%M%S}")
    page.select_option("[name=kind]", "adjust")
    page.fill("[name=opens_at]", f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M}")
    page.fill("[name=closes_at]", f"{now + timedelta(days=1):%Y-%m-%dT%H:%M}")
    send(page)
    found = re.search(r"/round/(\d+)/", page.url)
    assert found, page.url
    page.goto(f"/course_selection/round/{found[1]}/prepare/")
    send(page)
    page.goto("/course-selection/console/")
    expect(page.locator("main")).to_contain_text("座")
    expect(page.locator("[data-live-said]")).to_contain_text("更新于", timeout=30_000)
    page.goto(f"/course_selection/round/{found[1]}/close/")
    page.fill("[name=reason]", "当日办理结束")
    send(page)
    closed = page.request.get(f"/api/v1/course_selection/round/{found[1]}/").json()["closes_at"]
    assert datetime.fromisoformat(closed) <= datetime.now(SCHOOL)


def print_it(page: Page) -> None:
    rows = page.request.get("/api/v1/timetables/placement/?limit=1").json()["items"]
    for form, begin in (("pdf", b"%PDF"), ("png", b"\x89PNG"), ("xlsx", b"PK")):
        answer = page.request.get(f"/timetables/of/class/{rows[0]['classes'][0]}/?format={form}&week=0")
        assert answer.ok, form
        assert answer.body().startswith(begin)


def see_it(page: Page) -> None:
    """The student finds the week on the phone."""
    page.goto("/timetables/mine/?week=0")
    expect(page.locator("main")).to_contain_text("星期")
    assert violations(page, "light") == []
