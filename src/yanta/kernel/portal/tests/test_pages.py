"""The portal's pages, asked as a browser asks them."""

import json
from datetime import timedelta

import pytest
from django.test import Client, RequestFactory
from django.utils import translation

from yanta.kernel.base import Actor
from yanta.kernel.base.actor import Grant
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.portal import cards, demo, errors, navigation, pages, parts, shell, todos
from yanta.kernel.portal.cards import CardContent, CardRow
from yanta.kernel.portal.todos import Todo

pytestmark = pytest.mark.django_db


def someone(role="clerk", permissions=(), reach="unit"):
    grant = Grant(role, "经办人", reach, frozenset(permissions), reason="因任教务秘书", unit_name="数学学院")
    return Actor(account_id=7, person_id=None, name="王敏", grants=(grant,))


def asked(view, actor, path="/", **headers):
    request = RequestFactory().get(path, headers=headers)
    request.actor = actor
    return view.as_view()(request)


@pytest.fixture(autouse=True)
def fresh_counts():
    shell.forget_counts(7)


@pytest.fixture
def only_these(monkeypatch):
    """No cards, to-dos and places but those of the test."""
    for module, name in ((cards, "_cards"), (todos, "_providers"), (todos, "_unread")):
        monkeypatch.setattr(module, name, [])
    monkeypatch.setattr(navigation, "_sources", [])
    navigation.forget_places()
    cards._with_course.cache_clear()
    yield
    monkeypatch.undo()
    navigation.forget_places()
    cards._with_course.cache_clear()


CARDS = "/?_part=cards"


class TestHome:
    def test_shows_what_waits_what_is_due_first(self, only_these):
        todos.todos(
            lambda actor: [
                Todo("补充材料", "/a/"),
                Todo("核对名单", "/b/", due_on=pages.timezone.localdate()),
            ]
        )
        page = asked(pages.HomeView, someone(), CARDS).content.decode()
        assert page.index("核对名单") < page.index("补充材料")
        assert "今天到期" in page

    def test_a_line_for_several_things_says_how_many_and_the_earliest(self, only_these):
        due = pages.timezone.localdate() - timedelta(days=4)
        todos.todos(lambda actor: [Todo("整改工单", "/a/", due_on=due, count=6)])

        assert "6 件，最早一件已逾期 4 天" in asked(pages.HomeView, someone(), CARDS).content.decode()

    def test_a_card_is_for_its_roles_and_silent_without_content(self, only_these):
        cards.card(title="课表", for_roles=["student"])(lambda actor: CardContent(rows=[CardRow("高等数学")]))
        cards.card(title="空的")(lambda actor: None)
        assert "高等数学" not in asked(pages.HomeView, someone(), CARDS).content.decode()
        page = asked(pages.HomeView, someone("student"), CARDS).content.decode()
        assert "高等数学" in page
        assert "空的" not in page

    def test_the_columns_end_at_about_the_same_height(self, only_these):
        for order in range(10):
            cards.card(title=f"卡{order}", order=order)(lambda actor: CardContent(rows=[CardRow("行")] * 4))
        cards.card(title="边上", order=99, column="side")(lambda actor: CardContent(rows=[CardRow("行")]))
        wide = [cards.Figure("数", "1")] * 5
        cards.card(title="宽的", order=20)(lambda actor: CardContent(figures=wide))

        columns = cards.columns_of(cards.cards_for(someone()), waiting=3)

        main, side = ([one.card.title for one in column] for column in (columns.main, columns.side))
        assert sorted([*main, *side]) == sorted([*(f"卡{order}" for order in range(10)), "边上", "宽的"])
        assert main[:2] == ["卡0", "卡1"]
        assert "宽的" in main
        assert side[-1] == "边上"
        assert abs(sum(one.height for one in columns.main) - sum(one.height for one in columns.side)) <= 10

    def test_what_a_card_says_is_text_not_markup(self, only_these):
        cards.card(title="危险")(
            lambda actor: CardContent(rows=[CardRow("<script>alert(1)</script>", url="/x/")])
        )
        page = asked(pages.HomeView, someone(), CARDS).content.decode()
        assert "<script>alert" not in page
        assert '<a href="/x/">' in page

    def test_sends_who_is_not_signed_in_to_the_door_and_back(self):
        answer = asked(pages.HomeView, Actor.nobody(), "/todos/?kind=a")
        assert answer.status_code == 302
        assert "next=/todos/%3Fkind%3Da" in answer["Location"]


class TestPlaces:
    def test_only_what_the_actor_may_open(self, only_these):
        navigation.places(lambda: [
            navigation.Place("学生", "/s/", "学工", permission="s.view"), navigation.Place("审计", "/x/", "平台", roles=("auditor",)),
            navigation.Place("校历", "/c/", "教务"),
        ])  # fmt: skip
        areas = navigation.areas_for(someone(permissions=["s.view"]))
        assert [place.title for area in areas for place in area.places] == ["学生", "校历"]

    def test_the_hall_stands_first_and_unfolded(self, only_these):
        navigation.places(
            lambda: [
                navigation.Place("看板", "/b/", "决策支持"), navigation.Place("请假", "/l/", "学工"), navigation.Place("大厅", "/hall/", "办事"),
            ]
        )  # fmt: skip
        areas = navigation.areas_for(someone("student", reach="own"))
        assert next((area.title, area.is_quiet) for area in areas) == ("办事", False)

    def test_what_is_only_looked_up_is_folded_for_who_acts_for_oneself(self, only_these):
        navigation.places(
            lambda: [navigation.Place("请假", "/l/", "学工"), navigation.Place("楼宇", "/b/", "数据")]
        )
        assert [area.is_quiet for area in navigation.areas_for(someone("student", reach="own"))] == [
            False,
            True,
        ]
        assert [area.is_quiet for area in navigation.areas_for(someone())] == [False, False]

    def test_a_long_area_unfolds_only_the_system_one_is_in(self, only_these):
        jobs = [navigation.Place(f"任务{n}", f"/jobs/{n}/", "平台", app="jobs") for n in range(4)]
        audit = [navigation.Place(f"审计{n}", f"/audit/{n}/", "平台", app="audit") for n in range(4)]
        alone = navigation.Place("文件", "/files/", "平台", app="files")
        navigation.places(lambda: [*jobs, *audit, alone])
        (area,) = navigation.areas_for(someone())
        folded = {group.app: is_folded for group, is_folded in area.groups(jobs[2])}
        assert folded == {"jobs": False, "audit": True, "files": False}

    def test_a_short_area_shows_every_place(self, only_these):
        navigation.places(
            lambda: [navigation.Place(str(n), f"/{n}/", "学工", app=str(n % 2)) for n in range(4)]
        )
        (area,) = navigation.areas_for(someone())
        assert not any(is_folded for _, is_folded in area.groups(None))

    def test_starred_places_come_first_and_lost_ones_are_dropped(self, only_these):
        navigation.places(lambda: [navigation.Place(str(n), f"/{n}/", "学工") for n in range(12)])
        request = _request(someone(), yanta_stars="/gone/|/5/")
        assert [place.url for place in pages.favourites_of(request)] == ["/5/"]
        assert len(pages.favourites_of(_request(someone()))) == 8


class TestTodos:
    def test_the_bell_counts_every_item_once_until_it_is_told_to_count_anew(self, only_these):
        found = [Todo("隔离行", "/q/", count=89)]
        todos.todos(lambda actor: found)
        count = lambda: shell.Shell(_request(someone())).counts  # noqa: E731 - asked three times
        assert count() == (89, 0)
        found.append(Todo("新的", "/n/"))
        assert count() == (89, 0)
        shell.forget_counts(7)
        assert count() == (90, 0)


def _request(actor, **cookies):
    request = RequestFactory().get("/")
    request.actor = actor
    request.COOKIES.update(cookies)
    return request


class TestFrame:
    def test_the_theme_is_rendered_so_that_nothing_flashes(self):
        assert shell.Shell(_request(someone(), yanta_theme="dark")).theme == "dark"
        assert shell.Shell(_request(someone(), yanta_theme='"><script>')).theme == ""

    def test_a_page_opens_whole_in_the_panel_or_bare(self):
        assert shell.layout(_request(someone())) == "portal/base.html"
        assert shell.layout(_request(Actor.nobody())) == "portal/plain.html"
        panel = RequestFactory().get("/?_part=panel")
        panel.actor = someone()
        assert shell.layout(panel) == "portal/panel.html"

    def test_no_script_and_no_style_element_stands_in_the_page(self, only_these):
        page = asked(pages.HomeView, someone()).content.decode()
        assert "<style" not in page
        assert page.count("<script") == page.count('<script type="module" src=')
        assert "onclick" not in page

    def test_the_parts_page_is_for_engineers_and_shows_every_part(self):
        with pytest.raises(NotAllowed):
            asked(parts.PartsView, someone())
        page = asked(parts.PartsView, someone("engineer")).content.decode()
        for part in (
            "y-receipt",
            "y-process",
            "y-time",
            "y-drop",
            "y-locked",
            "data-chart",
            "y-skel",
            "y-empty",
        ):
            assert part in page


class TestLanguage:
    def test_is_kept_and_leads_back_to_our_own_pages_only(self):
        answer = Client().post(
            "/language/", {"language": "en"}, headers={"referer": "http://testserver/todos/"}
        )
        assert answer["Location"] == "http://testserver/todos/"
        assert answer.cookies["django_language"].value == "en"
        assert (
            Client().post("/language/", {"language": "en"}, headers={"referer": "https://evil.example/"})[
                "Location"
            ]
            == "/"
        )

    def test_an_unknown_language_changes_nothing(self):
        assert "django_language" not in Client().post("/language/", {"language": "xx-yy"}).cookies

    def test_labels_of_systems_are_translated_when_shown(self, only_these):
        navigation.places(lambda: [navigation.Place("学生", "/s/", "学工")])
        with translation.override("en"):
            assert ">Student<" in asked(pages.HomeView, someone()).content.decode()


class TestErrors:
    def test_not_found_says_what_to_do_next(self):
        answer = errors.not_found(_request(Actor.nobody()), Exception("没有这条记录"))
        assert answer.status_code == 404
        assert "没有这条记录" in answer.content.decode()

    def test_a_failure_asks_nothing_of_the_database(self, django_assert_num_queries):
        with django_assert_num_queries(0):
            answer = errors.server_error(RequestFactory().get("/"))
        assert answer.status_code == 500
        assert "系统出错了" in answer.content.decode()

    @pytest.mark.parametrize(
        ("view", "status"), [(errors.bad_request, 400), (errors.forbidden, 403), (errors.csrf_failure, 403)]
    )
    def test_every_refusal_has_its_status(self, view, status):
        assert view(_request(Actor.nobody())).status_code == status


def test_a_phone_can_install_the_portal():
    manifest = json.loads(Client().get("/manifest.webmanifest").content)
    assert manifest["start_url"] == "/"
    assert {icon["sizes"] for icon in manifest["icons"]} >= {"192x192", "512x512"}
    assert Client().get("/offline/").status_code == 200


def test_demo_accounts_are_offered_only_where_the_demo_was_built(settings, tmp_path):
    settings.HOME = tmp_path
    assert demo.demo_accounts() == []
    demo.offer([("student", "学生")], password="x")
    assert [one.title for one in demo.demo_accounts()] == ["学生"]
