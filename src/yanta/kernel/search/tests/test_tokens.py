import pytest

from yanta.kernel.search.tokens import query_of, sound_of, tokens_of


def test_han_text_becomes_characters_and_neighbours():
    assert tokens_of("计算机") == {"计", "算", "机", "计算", "算机"}


def test_words_and_numbers_stay_whole_and_lose_case_and_width():
    assert tokens_of("ＡＢＣ-2026 室") == {"abc", "2026", "室"}


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("李", "'李'"),
        ("李小明", "'李小' & '小明'"),
        ("Li 2026", "'li':* & '2026':*"),
        ("' & !", ""),
        ("a'b\\", "'a':* & 'b':*"),
    ],
)
def test_a_query_is_cut_alike_and_can_carry_no_syntax(text, query):
    assert query_of(text) == query


@pytest.mark.parametrize(
    ("name", "sound"),
    [("张小明", ("zhangxiaoming", "zxm")), ("单雄信", ("shanxiongxin", "sxx")), ("C语言", ("cyuyan", "cyy"))],
)
def test_a_name_is_known_by_its_sound(name, sound):
    assert sound_of(name) == sound
