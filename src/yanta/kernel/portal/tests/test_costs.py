"""What a page costs does not grow with the number of systems; counted, never timed."""

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, resolve
from django.urls.resolvers import RoutePattern, URLResolver

from yanta.kernel.portal import cards, menu, navigation, pages, shell, todos
from yanta.kernel.portal.navigation import Place
from yanta.kernel.resource import resources

pytestmark = pytest.mark.django_db

ROLES = ("student", "teacher", "counsellor", "clerk", "head", "leader", "engineer", "auditor")
# Of the page itself; the session's own question comes on top.
MOST_OF_HOME = 2
MOST_OF_A_PROVIDER = 5
MOST_TRIED = 80


def request_of(actor, path="/"):
    request = RequestFactory().get(path)
    request.actor = actor
    return request


@pytest.fixture
def calls(monkeypatch):
    """How often a function of a class was called."""

    def counted(owner, name):
        found, real = [], getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda *args, **more: (found.append(args), real(*args, **more))[1])
        return found

    return counted


@pytest.mark.parametrize("role", ROLES)
def test_home_stands_before_any_system_is_asked(role, college, acting):
    actor = acting(role, college)
    shell.forget_counts(actor.account_id)
    with CaptureQueriesContext(connection) as asked:
        page = pages.HomeView.as_view()(request_of(actor)).content.decode()
    assert len(asked) <= MOST_OF_HOME
    assert 'hx-get="/?_part=cards"' in page


@pytest.mark.parametrize("role", ROLES)
def test_no_card_and_no_todo_asks_without_bound(role, college, acting):
    actor = acting(role, college)
    shown = [one.provider for one in cards._cards if not one.roles or actor.has_role(*one.roles)]
    for provider in (*shown, *todos._providers):
        with CaptureQueriesContext(connection) as asked:
            provider(actor)
        assert len(asked) <= MOST_OF_A_PROVIDER, provider.__qualname__


def test_rights_are_weighed_once_for_all_who_have_them(college, other_college, acting, calls):
    one, another = acting("clerk", college), acting("clerk", other_college)
    navigation.forget_places()
    weighed = calls(Place, "is_open_to")
    mine = navigation.directory_of(one)
    assert len(weighed) == len(navigation.every_place())
    assert navigation.directory_of(one) is mine
    assert navigation.directory_of(another) is mine
    assert len(weighed) == len(navigation.every_place())


def test_a_menu_ends_with_the_right_to_it(college, acting):
    clerk, student = acting("clerk", college), acting("student", college)
    assert navigation.directory_of(clerk) is not navigation.directory_of(student)


def test_the_menu_is_rendered_once_for_each_place_to_be_in(college, acting):
    directory = navigation.directory_of(acting("clerk", college))
    here = next(iter(directory.by_url.values()))
    assert menu.areas_html(directory, here) is menu.areas_html(directory, here)
    assert menu.areas_html(directory, here) != menu.areas_html(directory, None)


def test_an_address_is_found_without_trying_every_system(calls):
    tried = calls(RoutePattern, "match")
    for resource in (resources()[0], resources()[-1]):
        for address in (resource.base_url, f"/api/v1{resource.base_url}", f"/api/v1{resource.base_url}1/"):
            tried.clear()
            resolve(address)
            assert len(tried) <= MOST_TRIED, address


def test_the_index_of_addresses_answers_as_the_whole_list_does():
    (indexed,) = get_resolver().url_patterns
    whole = URLResolver(indexed.pattern, indexed.urlconf_name)
    addresses = [
        "",
        "sign-in/",
        "todos/",
        "api/v1/openapi.json",
        "applications/",
        "applications/application/",
    ]
    addresses += [
        f"{one.base_url[1:]}{rest}" for one in resources() for rest in ("", "new/", "1/", "1/edit/")
    ]
    for address in addresses:
        assert indexed.resolve(address)._func_path == whole.resolve(address)._func_path, address
