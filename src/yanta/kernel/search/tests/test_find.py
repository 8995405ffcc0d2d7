import pytest
from django.db import transaction
from django.db.models.expressions import RawSQL

from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Person
from yanta.kernel.search import find, refresh, register, registry, reindex
from yanta.kernel.search.models import SearchEntry
from yanta.kernel.testing.factories import OrgUnitFactory, PersonFactory


@pytest.fixture(autouse=True)
def _only_these(monkeypatch):
    monkeypatch.setattr(registry, "_registered", {})
    register(OrgUnit, body=["name", "code", "short_name"], icon="building")
    register(Person, body=["name", "number", "id_number", "home_unit__name"], icon="users")


@pytest.fixture
def people(college, other_college):
    return {
        name: PersonFactory(name=name, number=number, home_unit=unit, phone="13812345678")
        for name, number, unit in [
            ("李小明", "R00010001", college), ("李明", "R00010002", other_college), ("黎明", "R00010003", college),
            ("欧阳修远", "R00020001", college), ("Anna Schmidt", "R00030001", college),
        ]
    }  # fmt: skip


def titles(text, actor, **options):
    return [one.title for group in find(text, actor=actor, **options) for one in group.found]


class TestFind:
    @pytest.mark.parametrize(
        ("text", "first"),
        [
            ("李小明", "李小明"), ("小明", "李小明"), ("r00020001", "欧阳修远"), ("R0003", "Anna Schmidt"), ("ouyang", "欧阳修远"),
            ("oyxy", "欧阳修远"), ("schmidt", "Anna Schmidt"), ("修远 信息工程", "欧阳修远"), ("艺术", "艺术学院"), ("  李　明 ", "李明"),
        ],
    )  # fmt: skip
    def test_by_name_part_number_sound_or_initials(self, people, engineer, text, first):
        assert titles(text, engineer)[0] == first

    def test_puts_the_exact_before_the_beginning_before_the_inside(self, people, engineer):
        PersonFactory(name="李明远", number="R9")
        PersonFactory(name="小李明", number="R8")

        assert titles("李明", engineer) == ["李明", "李明远", "小李明"]

    def test_forgives_a_wrong_character_that_sounds_alike(self, people, engineer):
        assert titles("李晓鸣", engineer)[0] == "李小明"

    @pytest.mark.parametrize("text", ["", " ", "'", "%", "_", "\\", "!!&|", "甲" * 200, "13812345678"])
    def test_nothing_strange_breaks_or_finds(self, people, engineer, text):
        assert titles(text, engineer) == []

    def test_people_stand_before_entries_of_catalogues(self, people, engineer, college):
        register(OrgUnit, body=["name"], is_reference=True)
        OrgUnitFactory(parent=college, name="李")

        assert [group.resource for group in find("李", actor=engineer)] == [
            "people.person",
            "organisation.orgunit",
        ]

    def test_groups_by_noun_and_counts(self, people, engineer):
        for n in range(8):
            PersonFactory(name=f"赵{n}", number=f"Z{n}")

        group = find("赵", actor=engineer, per_group=3)[0]

        assert (group.resource, group.count, len(group.found), group.has_more) == (
            "people.person",
            8,
            3,
            True,
        )

    def test_opens_one_group(self, people, engineer):
        found = find("学院", actor=engineer, resource="people.person")

        assert {group.resource for group in found} <= {"people.person"}

    def test_is_one_statement_and_one_look_at_each_noun(self, people, engineer, django_assert_num_queries):
        with django_assert_num_queries(2):
            find("李小明", actor=engineer)


class TestScope:
    def test_a_clerk_finds_the_own_college_only(self, people, clerk):
        assert set(titles("李小明", clerk)) == {"李小明"}
        assert titles("R00010002", clerk) == []

    def test_a_student_finds_nobody_but_the_own_row(self, people, college, acting):
        me = people["李小明"]
        student = acting("student", college, person=me)

        assert titles("李小明", student) == ["李小明"]
        assert "黎明" not in titles("黎明", student)

    def test_a_stranger_finds_nothing(self, people):
        from yanta.kernel.base import Actor

        assert find("李小明", actor=Actor.nobody()) == []

    def test_a_row_that_moved_without_the_index_is_not_shown(self, people, clerk, other_college):
        Person.objects.filter(name="李小明").update(home_unit=other_college)

        assert titles("李小明", clerk) == []


class TestIndex:
    def test_follows_saving_and_deleting(self, db, engineer):
        person = PersonFactory(name="王伟", number="W1")
        assert titles("王伟", engineer) == ["王伟"]
        person.name = "王炜"
        person.save()
        assert titles("王炜", engineer) == ["王炜"]
        person.delete()

        assert not SearchEntry.objects.filter(object_id=person.pk, resource="people.person").exists()

    def test_never_holds_a_sealed_value(self, people):
        Person.objects.filter(name="李明").first().save()

        text = " ".join(str(value) for row in SearchEntry.objects.values_list() for value in row)

        assert "13812345678" not in text
        assert "id_number" not in registry.searchable_of("people.person").body

    def test_is_made_anew_set_at_a_time(self, people, engineer):
        before = list(
            SearchEntry.objects.order_by("resource", "object_id").values_list(
                "title", "subtitle", "words", "url"
            )
        )
        SearchEntry.objects.filter(title="李明").update(title="旧")
        SearchEntry.objects.create(
            resource="people.person", object_id=999_999, title="不存在", url="/", words=""
        )

        reindex()

        after = list(
            SearchEntry.objects.order_by("resource", "object_id").values_list(
                "title", "subtitle", "words", "url"
            )
        )
        assert after == before

    def test_writes_only_what_is_said_otherwise_now(self, people):
        SearchEntry.objects.filter(title="李明").update(title="旧")
        versions = RawSQL("search_searchentry.xmin::text", [])
        before = dict(SearchEntry.objects.annotate(at=versions).values_list("title", "at"))
        with transaction.atomic():  # a transaction of its own in the test's: another number
            reindex()

        after = dict(SearchEntry.objects.annotate(at=versions).values_list("title", "at"))

        assert after.keys() - before.keys() == {"李明"}
        assert {title for title, at in after.items() if before.get(title) != at} == {"李明"}

    def test_refreshes_some_rows_after_a_bulk_write(self, people, engineer):
        person = people["李明"]
        Person.objects.filter(pk=person.pk).update(name="李鸣凤")

        assert refresh(Person, [person.pk, 999_999]) == 1

        assert titles("李鸣凤", engineer) == ["李鸣凤"]

    def test_a_unit_below_another_belongs_to_its_tree(self, college, clerk):
        OrgUnitFactory(parent=college, name="软件工程系", code="0101")

        assert titles("软件工程系", clerk) == ["软件工程系"]

    def test_tells_namesakes_apart_by_their_unit(self, people, engineer):
        found = find("李小明", actor=engineer)[0].found[0]

        assert found.subtitle == "R00010001 · 信息工程学院"

    def test_finds_by_a_digest_and_does_not_show_it(self, people, engineer, college):
        digest = "9f86d081884c7d659a2feaa0c55ad015"
        OrgUnitFactory(parent=college, name="用印登记", short_name=digest)

        found = find(digest, actor=engineer)[0].found[0]

        assert found.title == "用印登记"
        assert digest not in found.subtitle
