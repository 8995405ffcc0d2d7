import pytest

from yanta.hub.cleaning.vocabulary import load_vocabulary
from yanta.hub.intake.detectors import detectors
from yanta.hub.intake.proposal import propose
from yanta.hub.pipeline import SAMPLES

IDS = [
    "610331200408177047",
    "152502200310288646",
    "61010320030130840X",
    "610825200406098564",
    "460106200207117245",
    "610403200310038735",
]
NAMES = ["吴心怡", "吴雅琪", "贺子涵", "王月敏", "汤雪敏", "王卓阳"]
BIRTHS = ["2004-08-17", "2003.10.28", "2003年1月30日", "20040609", "2002/7/11", "2003-10-03"]
PHONES = ["16922733067", "16985183179", "16100411584", "16477874180", "15460628915", "15457604222"]


@pytest.fixture(scope="module")
def tests():
    return detectors(load_vocabulary(SAMPLES / "reference"))


def elements(labels, columns, tests):
    return [choice.element for choice in propose(labels, columns, tests)]


class TestByHeader:
    def test_known_headers_whatever_their_blanks_and_marks(self, tests):
        assert elements(["姓　名*", "ＸＢ", "E-mail"], [NAMES, ["男"] * 6, ["a@b.cn"] * 6], tests) == [
            "name",
            "sex",
            "email",
        ]

    def test_brackets_and_group_labels_may_speak_against_a_header(self, tests):
        found = elements(["姓名", "姓名（拼音）", "家长›姓名"], [NAMES, ["Wu Xinyi"] * 6, NAMES], tests)

        assert found[0] == "name"
        assert found[1] == "latin_name"
        assert found[2] is None

    def test_home_phone_is_not_the_persons_own(self, tests):
        assert elements(["家长电话", "电话"], [PHONES, PHONES], tests) == ["home_phone", "phone"]


class TestByValues:
    def test_check_digits_and_patterns_find_columns_without_a_header(self, tests):
        labels = ["第1列", "第2列", "第3列"]

        assert elements(labels, [NAMES, IDS, PHONES], tests) == ["name", "id_no", "phone"]

    def test_what_agrees_with_the_identity_numbers_is_the_birth_date(self, tests):
        assert elements(["身份证号", "甲", "乙"], [IDS, ["2022-09-01"] * 6, BIRTHS], tests) == [
            "id_no",
            None,
            "birth",
        ]

    def test_values_that_deny_the_header_win(self, tests):
        assert elements(["民族"], [["一等", "二等", "三等"]], tests) == [None]

    def test_every_choice_gives_its_reasons_and_confidence(self, tests):
        (choice,) = propose(["身份证号"], [IDS], tests)

        assert choice.confidence > 0.9
        assert choice.reasons == ("列名“身份证号”是证件号", "100% 的值是校验位正确的身份证号")

    def test_unknown_columns_are_kept_unmapped(self, tests):
        (choice,) = propose(["心得"], [["很好"]], tests)

        assert (choice.element, choice.reasons) == (None, ("没有认出，原样保留",))
