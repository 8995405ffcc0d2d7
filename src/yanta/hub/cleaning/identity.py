"""Identity numbers of a whole column: length, date, division, check character (GB 11643), in Ibis."""

from __future__ import annotations

from functools import reduce

import ibis
from ibis import ir

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
# One digit throughout, or digits counted up: nobody's number.
PLACEHOLDER = (
    r"^(0+|1+|2+|3+|4+|5+|6+|7+|8+|9+|X+|0*1234567890?1?2?3?4?5?6?7?8?9?X?|\d{6}19000101\d{4}|\d{6}0{8,}\d*)$"
)


def check_character(body: ir.StringValue) -> ir.StringValue:
    """The 18th character of seventeen digits."""
    terms = [body.substr(place, 1).try_cast("int64") * weight for place, weight in enumerate(_WEIGHTS)]
    total: ir.IntegerValue = reduce(lambda one, other: one + other, terms)
    return ibis.literal(_CHECKS).substr(total % 11, 1)


def lengthen_column(number: ir.StringValue) -> ir.StringValue:
    """15-digit numbers raised to 18 characters; all others as they are."""
    century = ibis.ifelse(number.substr(12, 3).isin(["996", "997", "998", "999"]), "18", "19")
    body = number.substr(0, 6) + century + number.substr(6, 9)
    return ibis.ifelse(number.re_search(r"^\d{15}$"), body + check_character(body), number)


def is_mainland(number: ir.StringValue) -> ir.BooleanValue:
    return number.re_search(r"^\d{17}[\dX]$").fill_null(False)


def birth_in(number: ir.StringValue) -> ir.DateValue:
    """The birth date inside an 18-character number, if it is a date of a living memory."""
    text = number.substr(6, 4) + "-" + number.substr(10, 2) + "-" + number.substr(12, 2)
    day = ibis.ifelse(is_mainland(number), text, ibis.null("string")).try_cast("date")
    return ibis.ifelse(day.year() >= 1850, day, ibis.null("date"))


def sex_in(number: ir.StringValue) -> ir.StringValue:
    odd = number.substr(16, 1).try_cast("int64") % 2
    return ibis.ifelse(is_mainland(number), ibis.ifelse(odd == 1, "1", "2"), ibis.null("string"))


def fault_in(number: ir.StringValue, known_division: ir.BooleanValue) -> ir.StringValue:
    """Why an 18-character mainland number cannot be right, as a code; null if it can."""
    return ibis.cases(
        (number.re_search(PLACEHOLDER), "id_placeholder"),
        (birth_in(number).isnull(), "id_bad_date"),
        (~known_division, "id_unknown_division"),
        (check_character(number.substr(0, 17)) != number.substr(17, 1), "id_bad_check"),
        else_=ibis.null("string"),
    )


FOREIGN = r"^([A-Z]{1,3}\d{5,9}[A-Z]?|[HM]\d{8}(\d{2})?|\d{8}|\d{10}[A-Z]?|[A-Z]{2}\d{6,8}|\d{9})$"
