from datetime import date

import pytest

from yanta.hub.cleaning.dates import read_date


class TestWholeDays:
    @pytest.mark.parametrize(
        "text",
        [
            "2003-01-30", "2003/1/30", "2003.1.30", "2003．01．30", "20030130", "2003年1月30日", "2003 年 01 月 30 日",
            "37651", "37651.0", "03-1-30", "03.01.30", "030130", "二〇〇三年一月三十日", "2003-01-30 17:49:00",
            "2003/01/30 8:05", "20030130081500", "Jan 30, 2003", "30-Jan-2003", "1/30/2003", "30/1/2003",
            " 2003-01-30 ", "2003-01-30（农历）",
        ],
    )  # fmt: skip
    def test_every_spelling(self, text):
        assert read_date(text).day == date(2003, 1, 30)

    def test_two_digit_years_are_of_the_century_that_is_near(self):
        assert [read_date(text).year for text in ("85.3.2", "20.3.2")] == [1985, 2020]


class TestParts:
    @pytest.mark.parametrize("text", ["2003-09", "2003.9", "2003年9月", "200309", "2003/09", "2003年九月"])
    def test_a_month_alone_is_no_day(self, text):
        assert (read_date(text).day, read_date(text).month) == (None, "2003-09")

    @pytest.mark.parametrize("text", ["2005", "2005年", "2005届", "05届", "2005级"])
    def test_a_year_alone(self, text):
        assert (read_date(text).year, read_date(text).month) == (2005, None)


class TestNothing:
    @pytest.mark.parametrize(
        "text", ["", "无", "-", "2003-02-30", "2003-13-01", "99999", "不记得了", "12345678"]
    )
    def test_impossible_or_unreadable(self, text):
        assert not read_date(text)
