import pytest

from yanta.hub.cleaning.dorms import bed_code
from yanta.hub.cleaning.names import pinyin_of
from yanta.hub.cleaning.translations import unit_of
from yanta.hub.cleaning.vocabulary import load_vocabulary
from yanta.hub.pipeline import SAMPLES


@pytest.fixture(scope="module")
def words():
    return load_vocabulary(SAMPLES / "reference")


class TestCodes:
    def test_local_spellings_of_sex_people_party_and_country(self, words):
        assert [words.sex(text) for text in ("男", "f", "2", "中性")] == ["1", "2", "2", None]
        assert [words.ethnic(text) for text in ("汉", "HA", "维吾尔", "5", "外星")] == [
            "01",
            "01",
            "05",
            "05",
            None,
        ]
        assert [words.political(text) for text in ("团员", "中共预备党员", "九三学社", "13")] == [
            "03",
            "02",
            "10",
            "13",
        ]
        assert [words.nationality(text) for text in ("俄罗斯联邦", "韩国", "中国香港", "PAK")] == [
            "RUS",
            "KOR",
            "HKG",
            "PAK",
        ]

    def test_titles_by_synonym_and_a_level_alone_is_no_title(self, words):
        assert [words.title(text) for text in ("讲 师", "A/Prof.", "馆员（图书）", "副高")] == [
            "013",
            "012",
            "643",
            None,
        ]

    def test_programmes_of_old_catalogues_give_today_s_code(self, words):
        assert words.major_code("0601") == "080901"
        assert words.major_code("080202") == "080202"  # in force today, whatever it once meant
        assert words.major_name("热能与动力工程") == "080501"
        assert words.major_code("080901T") == "080901"


class TestUnits:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("计院", "10600"), ("10600", "10600"), ("本校计算机科学与技术学院", "10600"), ("视觉传达系", "11900"),
            ("机械厂", "23100"), ("体育部", "12100"), ("理学院", None), ("华为", None),
        ],
    )  # fmt: skip
    def test_full_short_former_and_sub_units(self, words, text, code):
        assert words.org(text) == code

    def test_alumni_name_a_programme_instead(self, words):
        assert [unit_of(text, words) for text in ("11级电子信息工程", "会计专业", "物理学院/应用物理学", "家里蹲")] == [
            "10500", "11500", "11400", None,
        ]  # fmt: skip


class TestPlaces:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("陕西省西安市碑林区", "610103"), ("陕西西安碑林", "610103"), ("四川甘孜藏族自治州炉霍县", "513327"),
            ("北京崇文区", "110101"), ("610121", "610116"), ("陕西西安长安县", "610116"), ("612123", "610115"),
            ("陕西宝鸡", None), ("海南", None), ("610100", None), ("火星", None),
        ],
    )  # fmt: skip
    def test_any_length_and_any_year(self, words, text, code):
        assert words.place(text) == code


class TestBeds:
    @pytest.mark.parametrize(
        ("place", "bed", "campus", "code"),
        [
            ("雁塔校区1#公寓 A-101床1", "", "", "1-01-A-101-1"), ("长安1号楼A101-1", "", "", "2-01-A-101-1"),
            ("草堂1#A101", "3床", "", "3-01-A-101-3"), ("1#A101", "3", "3", "3-01-A-101-3"),
            ("QJ-1-A-102-2", "", "", "4-01-A-102-2"), ("3#A110", "", "", None), ("3#A110", "", "2", None),
        ],
    )  # fmt: skip
    def test_every_housing_office(self, words, place, bed, campus, code):
        assert bed_code(place, bed, campus, words.campuses) == code


class TestPinyin:
    def test_surnames_are_read_as_surnames(self):
        assert [pinyin_of(name) for name in ("单雄信", "买买提·江", "VONGSA BOUNMY")] == [
            "shanxiongxin", "maimaitijiang", "vongsabounmy",
        ]  # fmt: skip
