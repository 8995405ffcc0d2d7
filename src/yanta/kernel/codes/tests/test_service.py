import pytest

from yanta.kernel import codes
from yanta.kernel.codes import refreshing, service
from yanta.kernel.codes.models import Code, CodeSet, Crosswalk, CrosswalkEntry

pytestmark = pytest.mark.django_db


def test_a_set_is_read_once(django_assert_num_queries, sexes):
    with django_assert_num_queries(3):
        codes.validate("GBT2261_1_XB", "1")
    with django_assert_num_queries(0):
        assert codes.validate("GBT2261_1_XB", "２").code == "2"
        assert codes.name_of("GBT2261_1_XB", "1") == "男性"
        assert len(codes.choices("GBT2261_1_XB")) == 4


def test_an_unknown_set_is_a_bug():
    with pytest.raises(service.UnknownCodeSet):
        codes.validate("NO_SUCH_SET", "1")


def test_an_unknown_code_shows_itself(sexes):
    assert codes.name_of("GBT2261_1_XB", "7") == "7"


def test_a_column_is_judged_by_its_distinct_values(sexes):
    verdicts = codes.resolve_many("GBT2261_1_XB", ["1", "女性", "1", "?"])
    assert [(value, verdict.code) for value, verdict in verdicts.items()] == [
        ("1", "1"),
        ("女性", "2"),
        ("?", ""),
    ]


def test_the_join_table_knows_every_form(sexes):
    assert dict(codes.as_table("GBT2261_1_XB"))["男性"] == "1"


def test_another_process_published(sexes, settings):
    settings.CODES_REFRESH_SECONDS = 0
    assert codes.name_of("GBT2261_1_XB", "1") == "男性"
    Code.objects.filter(code_set=sexes, code="1").update(name="男")
    CodeSet.objects.update(revision=2)

    assert codes.name_of("GBT2261_1_XB", "1") == "男性"
    refreshing.refresh()
    assert codes.name_of("GBT2261_1_XB", "1") == "男"


def test_another_process_changed_a_crosswalk(sexes, settings):
    settings.CODES_REFRESH_SECONDS = 0
    crosswalk = Crosswalk.objects.create(key="k", title="对照", local_system="门禁", code_set=sexes)
    assert not codes.map_code("k", "M").ok
    male = Code.objects.get(code_set=sexes, code="1")
    CrosswalkEntry.objects.create(crosswalk=crosswalk, local_code="M", code=male)

    refreshing.refresh()

    assert codes.map_code("k", "M").ok


def test_a_crosswalk_maps_codes_and_names(sexes):
    crosswalk = Crosswalk.objects.create(
        key="card-sex", title="一卡通性别", local_system="一卡通", code_set=sexes
    )
    male = Code.objects.get(code_set=sexes, code="1")
    CrosswalkEntry.objects.create(crosswalk=crosswalk, local_code="M", local_name="先生", code=male)
    CrosswalkEntry.objects.create(crosswalk=crosswalk, local_code="U", local_name="单位卡")

    assert codes.map_code("card-sex", "ｍ").code == "1"
    assert codes.map_code("card-sex", "先生").code == "1"
    assert not codes.map_code("card-sex", "U").ok
    assert codes.crosswalk_table("card-sex") == [("先生", "1", False), ("M", "1", False)]
