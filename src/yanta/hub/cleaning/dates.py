"""Dates in every spelling that departments use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from yanta.hub.cleaning.texts import is_missing, tidy

_EXCEL_EPOCH = date(1899, 12, 30)
_SERIALS = range(3654, 73051)  # 1910 to 2099
_YEARS = range(1890, 2101)
_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_NUMERAL = re.compile(r"[\d〇○零一二三四五六七八九十]")
_CHINESE = re.compile("[〇○零一二三四五六七八九十]")
_NUMBER = re.compile(r"\d+(\.0+)?")
_WORD = re.compile(r"[A-Za-z]{3}")
_TIME = re.compile(r"(?<=\d)[ T]+\d{1,2}[:时点].*$")
_BRACKETED = re.compile(r"[\[(](.*?)[\])]")
_BETWEEN = re.compile(r"\s*[年月/.．、,\-]\s*")
_UNSAID = re.compile(r"[日号]|(?<=\d)[级届]$|\s+|[生出]")
_MONTHS = {name: place for place, name in enumerate(_MONTH_NAMES, 1)}


@dataclass(frozen=True)
class DateReading:
    """What a date text states: a whole day, or only a month (YYYY-MM), or only a year."""

    day: date | None = None
    month: str | None = None
    year: int | None = None

    def __bool__(self) -> bool:
        """False when nothing was stated, so that readings can be tried in order with `or`."""
        return self.year is not None


NOTHING = DateReading()


@lru_cache(maxsize=50_000)
def read_date(text: str, *, pivot: int = 30) -> DateReading:
    """Read one date; two-digit years up to `pivot` are 20xx. UnreadableError or impossible dates state nothing."""
    plain = tidy(text)
    if is_missing(plain) or not _NUMERAL.search(plain):
        return NOTHING
    if _NUMBER.fullmatch(plain):
        return _from_digits(plain.split(".")[0], pivot)
    if _WORD.search(plain):
        return _from_english(plain.upper(), pivot)
    return _from_parts(_separated(plain), pivot)


def _separated(plain: str) -> str:
    """Chinese and other separators as hyphens, the time of day cut off."""
    text = _chinese_digits(plain) if _CHINESE.search(plain) else plain
    text = _BRACKETED.sub("", _TIME.sub("", text))
    return _UNSAID.sub("", _BETWEEN.sub("-", text)).strip("-")


def _chinese_digits(text: str) -> str:
    tens = re.sub(r"([一二三四五六七八九])十([一二三四五六七八九])", r"\1\2", text)
    tens = re.sub(r"([一二三四五六七八九])十", r"\g<1>0", tens)
    tens = re.sub(r"十([一二三四五六七八九])", r"1\1", tens).replace("十", "10")
    return tens.translate(_DIGITS)


def _from_digits(text: str, pivot: int) -> DateReading:
    """Eight digits, a serial of Excel, year and month, or a two-digit year and more."""
    if len(text) == 8:
        return _reading(int(text[:4]), int(text[4:6]), int(text[6:]))
    if len(text) == 5 and int(text) in _SERIALS:
        return _of_day(_EXCEL_EPOCH + timedelta(days=int(text)))
    if len(text) == 6:
        return _reading(int(text[:4]), int(text[4:]), None) or _reading(
            _century(int(text[:2]), pivot), int(text[2:4]), int(text[4:])
        )
    if len(text) == 14:
        return _reading(int(text[:4]), int(text[4:6]), int(text[6:8]))
    return _reading(int(text), None, None) if len(text) == 4 else NOTHING


def _from_english(text: str, pivot: int) -> DateReading:
    month = next((place for name, place in _MONTHS.items() if re.search(rf"\b{name}", text)), None)
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    if month is None or not 1 <= len(numbers) <= 3:
        return NOTHING
    if len(numbers) == 1:
        return _reading(_century(numbers[0], pivot), month, None)
    day, year = (numbers[1], numbers[0]) if numbers[0] > 31 else (numbers[0], numbers[1])
    return _reading(_century(year, pivot), month, day)


def _from_parts(text: str, pivot: int) -> DateReading:
    parts = text.split("-")
    if not all(re.fullmatch(r"\d{1,4}", part) for part in parts) or len(parts) > 3:
        return _from_digits(text, pivot) if re.fullmatch(r"\d+", text) else NOTHING
    numbers = [int(part) for part in parts]
    if len(numbers) == 3 and len(parts[2]) == 4 and len(parts[0]) < 3:
        return _day_or_month_first(*numbers)
    year = _century(numbers[0], pivot) if len(parts[0]) <= 2 else numbers[0]
    return _reading(year, numbers[1] if len(numbers) > 1 else None, numbers[2] if len(numbers) > 2 else None)


def _day_or_month_first(first: int, second: int, year: int) -> DateReading:
    """A foreign order: month first unless only day first is possible."""
    return _reading(year, first, second) or _reading(year, second, first)


def _century(year: int, pivot: int) -> int:
    return year if year > 99 else year + (2000 if year <= pivot else 1900)


def _of_day(day: date) -> DateReading:
    return DateReading(day, f"{day.year:04}-{day.month:02}", day.year)


def _reading(year: int, month: int | None, day: int | None) -> DateReading:
    if year not in _YEARS or (month is not None and not 0 <= month <= 12):
        return NOTHING
    if not month:
        return DateReading(None, None, year)
    if not day:
        return DateReading(None, f"{year:04}-{month:02}", year)
    try:
        return _of_day(date(year, month, day))
    except ValueError:
        return NOTHING
