"""Finding one's way: where a page belongs, what the menu finds, what is used most."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from yanta.kernel.portal import menu, pages, shell, used
from yanta.kernel.portal.navigation import Area, Directory, Place
from yanta.kernel.portal.tests.test_pages import someone
from yanta.kernel.portal.used import Visits

HALL = Place("办事大厅", "/hall/", "办事", summary="全校事项")
MINE = Place("我的办件", "/hall/mine/", "办事")
COURSES = Place("选课", "/course-selection/", "教务", summary="余座、候补")


@pytest.fixture
def directory():
    return Directory((Area("办事", [HALL, MINE]), Area("教务", [COURSES])))


class TestWhereAPageBelongs:
    @pytest.mark.parametrize(
        ("path", "place"), [("/hall/", HALL), ("/hall/mine/7/", MINE), ("/hall/service/x/", HALL), ("/", None), ("/x/", None)]
    )  # fmt: skip
    def test_is_the_longest_address_that_it_begins_with(self, directory, path, place):
        assert directory.here(path) == place

    def test_only_that_place_is_marked(self, directory):
        assert menu.areas_html(directory, MINE).count("aria-current") == 1


class TestFinding:
    @pytest.mark.parametrize(
        ("text", "first"), [("选课", COURSES), ("xk", COURSES), ("xuanke", COURSES), ("候补", COURSES), ("办件", MINE), ("BSDT", HALL)]
    )  # fmt: skip
    def test_by_name_purpose_and_sound(self, directory, text, first):
        assert menu.found_in(directory, text)[0] == first

    def test_nothing_is_found_by_nothing_or_by_nonsense(self, directory):
        assert menu.found_in(directory, "  ") == menu.found_in(directory, "zzzz") == []

    def test_the_menu_shows_what_was_found_and_the_areas_when_the_field_is_emptied(self):
        ask = RequestFactory().get("/applications/?_part=menu&q=rili")
        ask.actor = someone()
        assert "我的日历" in pages.ApplicationsView.as_view()(ask).content.decode()
        emptied = RequestFactory().get(
            "/applications/?_part=menu&q=", headers={"HX-Current-URL": "http://testserver/calendar/"}
        )
        emptied.actor = someone()
        assert (
            'href="/calendar/" aria-current="page"'
            in pages.ApplicationsView.as_view()(emptied).content.decode()
        )


class TestMostUsed:
    def often(self, url, times, visits=None):
        visits = visits or Visits(7)
        for _ in range(times):
            visits = visits.with_one_more("/elsewhere/").with_one_more(url)
        return visits

    def test_a_habit_is_shown_a_visit_is_not(self, directory):
        assert self.often("/hall/mine/", 2).most(directory) == []
        assert self.often("/hall/mine/", 3).most(directory) == [MINE]

    def test_what_is_no_longer_open_is_not_shown(self):
        assert self.often("/hall/mine/", 5).most(Directory(())) == []

    def test_going_on_within_a_place_is_no_new_visit(self):
        once = Visits(7).with_one_more("/hall/")
        assert once.with_one_more("/hall/") is once

    def test_old_habits_give_way(self):
        visits = self.often("/hall/", used.FULL + 1)
        assert visits.counts["/hall/"] < used.FULL
        assert len(self.often("/hall/", 1, self.many()).counts) <= used.COUNTED

    def many(self):
        visits = Visits(7)
        for n in range(30):
            visits = visits.with_one_more(f"/{n}/")
        return visits

    def test_the_cookie_is_read_back_and_no_one_elses_counts(self):
        written = self.often("/hall/mine/", 4).written()
        assert Visits.read(self.request(written), 7).counts["/hall/mine/"] == 4
        assert Visits.read(self.request(written), 8).counts == {}
        assert Visits.read(self.request("7|/x/*y|*|junk"), 7).counts == {}

    def request(self, cookie, **headers):
        request = RequestFactory().get("/calendar/", headers=headers)
        request.actor, request.COOKIES[used.COOKIE] = someone(), cookie
        return request

    def test_a_page_with_its_frame_counts_a_part_of_one_does_not(self):
        def answer(request):
            shell.shell_of(request)
            return HttpResponse("")

        counts = used.UsedPlacesMiddleware(answer)
        assert "/calendar/*1" in counts(self.request("")).cookies[used.COOKIE].value
        assert used.COOKIE not in counts(self.request("", **{"HX-Request": "true"})).cookies
