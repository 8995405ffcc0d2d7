"""The box at the top: applications and services by their names, then records."""

import pytest
from django.test import RequestFactory

from yanta.kernel.portal import navigation
from yanta.kernel.portal.navigation import Place
from yanta.kernel.search.views import SearchView

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def only_these(monkeypatch):
    calendar = Place("我的日历", "/calendar/", "我的")
    audit = Place("日志密封", "/audit/", "平台", permission="audit.entry.view")
    leave = Place("请假", "/hall/service/leave/", "办事", in_menu=False, words=("离校几天",))
    monkeypatch.setattr(navigation, "_sources", [lambda: [calendar, audit]])
    monkeypatch.setattr(navigation, "_personal", [lambda actor: [leave] if actor.has_role("student") else []])
    navigation.forget_places()
    yield
    navigation.forget_places()


def found(actor, text, **more):
    request = RequestFactory().get("/search/", {"q": text, **more})
    request.actor = actor
    return SearchView.as_view()(request).content.decode()


class TestTheBox:
    @pytest.mark.parametrize("text", ["日历", "rili", "wdrl"])
    def test_finds_applications_by_name_sound_and_initials(self, college, acting, text):
        assert "/calendar/" in found(acting("student", college), text, _part="hits")

    @pytest.mark.parametrize("text", ["请假", "qj", "离校"])
    def test_finds_services_also_by_what_people_call_them(self, college, acting, text):
        assert "/hall/service/leave/" in found(acting("student", college), text, _part="hits")

    def test_names_nothing_that_is_not_open_to_the_person(self, college, acting):
        teacher = acting("teacher", college)

        assert "/hall/service/leave/" not in found(teacher, "请假")
        assert "/audit/" not in found(teacher, "日志")

    def test_the_page_shows_them_too_but_not_among_one_kind_of_record(self, college, acting):
        student = acting("student", college)

        assert "/calendar/" in found(student, "日历")
        assert (
            'href="/calendar/"' not in found(student, "日历", resource="people.person").partition("<main")[2]
        )
