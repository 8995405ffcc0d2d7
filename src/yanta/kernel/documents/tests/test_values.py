from datetime import date

import pytest

from yanta.kernel.base.elements import Known
from yanta.kernel.documents import measuring, values
from yanta.kernel.documents.tests.facts import bound, facts


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("zh", "2026年11月21日"),
        ("dot-month", "2026.11"),
        ("han", "二〇二六年十一月二十一日"),
        ("han-month", "二〇二六年十一月"),
    ],
)
def test_a_day_in_the_style_of_the_form(style, text):
    assert values.day(date(2026, 11, 21), style) == text


class TestAnswer:
    def test_several_elements_in_one_cell(self):
        binding = bound("a", "单位", text="{student.department}{student.grade}")
        assert values.answer(binding, facts()).text == "计算机学院2023级"

    def test_words_by_condition(self):
        binding = bound("a", "称呼", text="{person.sex == '女' ? 女士 : 先生}")
        assert values.answer(binding, facts(0)).text == "先生"
        assert values.answer(binding, facts(1)).text == "女士"

    def test_an_element_that_is_named_like_a_word_of_python(self):
        assert values.answer(
            bound("a", "班", when="student.class != ''", element="student.class"), facts()
        ).text

    def test_a_condition_that_does_not_hold_keeps_the_cell_empty_on_purpose(self):
        binding = bound("a", "x", "person.name", when="student.level == '硕士'")
        assert not values.answer(binding, facts()).is_wanted

    def test_what_is_not_known_is_named(self):
        assert values.answer(bound("a", "x", "person.email"), {}).missing == ("person.email",)

    @pytest.mark.parametrize(
        "when", ["__import__('os')", "student.level ==", "().__class__", "open('x')", "9**9**9**9"]
    )
    def test_conditions_are_never_code(self, when):
        with pytest.raises(values.ConditionError):
            values.answer(bound("a", "x", "person.name", when=when), {"person.name": Known("a", "a")})


class TestFit:
    def test_a_short_text_keeps_the_letter_of_the_form(self):
        assert measuring.fit("李雷", width=60, height=24, size=10.5) == measuring.Fit(10.5, True)

    def test_a_long_one_gets_smaller(self):
        found = measuring.fit("机械设计制造及其自动化", width=70, height=24, size=10.5)
        assert found.fits
        assert found.size < 10.5

    def test_brackets_and_stops_stay_with_their_words(self):
        assert measuring.lines_needed("汉语国际教育（来", width=80, size=10) == 1
        assert measuring.lines_needed("汉语国际教育是（来", width=80, size=10) == 2
        assert measuring.lines_needed("汉语国际教育是的。", width=80, size=10) == 2

    def test_latin_words_break_at_their_hyphens(self):
        address = "a-very-long-" + "x" * 30
        assert measuring.lines_needed(address, width=200, size=10) == 2
        assert measuring.lines_needed("x" * 30, width=200, size=10) == 1
        # Signs of sums are wider than letters.
        assert measuring.lines_needed("籍人士=1+1等", width=68, size=10) == 2

    def test_a_word_of_another_alphabet_is_one_word_with_more_room_above(self):
        name = "ئابدۇراخمان"
        assert measuring.fit(name, width=80, height=24, size=10.5) == measuring.Fit(10.5, True)
        assert measuring.fit(name, width=47, height=24, size=10.5).size <= 6.5

    def test_what_is_shortened_still_says_where_the_rest_is(self):
        assert measuring.shortened("很长的一句话", "…见附页", lambda text: len(text) <= 7) == "很长的…见附页"
        assert measuring.shortened("很长的一句话", "…见附页", lambda text: len(text) <= 3) == "见附页"

    def test_too_long_is_said(self):
        assert not measuring.fit("很长" * 60, width=60, height=24, size=10.5).fits
