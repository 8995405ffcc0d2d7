from datetime import date

import pytest

from yanta.kernel.base.archives import Range
from yanta.kernel.base.ciphers import sm3_hex
from yanta.systems.dossiers.rules import chain, completeness

ENTRY = {
    "serial": 1, "range_key": "leave", "range_title": "请假", "period": "conduct", "title": "病假", "happened_on": date(2026, 9, 1),
    "origin": "leave.leave:1", "owner": "学工部", "facts": [["天数", "2"]], "file_digest": "", "secrecy": "internal", "keep_until": None,
}  # fmt: skip


def chained(count):
    found, before = [], ""
    for serial in range(1, count + 1):
        entry = {**ENTRY, "serial": serial, "origin": f"leave.leave:{serial}"}
        entry["link"] = before = chain.link_of(before, entry, sm3_hex)
        found.append(entry)
    return found


class TestChain:
    def test_whole(self):
        assert chain.first_broken(chained(5), sm3_hex) is None

    @pytest.mark.parametrize("name", chain.BOUND[1:])
    def test_whatever_is_altered_shows(self, name):
        entries = chained(5)
        entries[2] = {**entries[2], name: [["天数", "3"]] if name == "facts" else "anything"}

        assert chain.first_broken(entries, sm3_hex) == 3

    def test_so_does_what_is_left_out_or_turned_round(self):
        entries = chained(5)

        assert chain.first_broken(entries[:2] + entries[3:], sm3_hex) == 3
        assert chain.first_broken([entries[1], entries[0], *entries[2:]], sm3_hex) == 1


class TestCompleteness:
    RANGES = (
        Range("enrolment", "入学", "admission", "教务处", needed="always"), Range("graduation", "毕业", "graduation", "教务处", needed="left"),
        Range("hiring", "入职", "entry", "人事处", "staff", needed="always"),
    )  # fmt: skip

    def test_what_is_missing_depends_on_who_one_is_and_whether_one_left(self):
        def titles(present, kind, has_left):
            return [
                one.title for one in completeness.lacking(self.RANGES, present, kind=kind, has_left=has_left)
            ]

        assert titles(set(), "student", False) == ["入学"]
        assert titles({"enrolment"}, "student", True) == ["毕业"]
        assert titles(set(), "staff", False) == ["入职"]

    def test_kept_until_the_end_of_the_year(self):
        assert completeness.keep_until(date(2026, 3, 1), 10) == date(2036, 12, 31)
        assert completeness.keep_until(date(2026, 3, 1), None) is None


class TestLoans:
    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"is_own": True}, "不用借阅"), ({"purpose": " "}, "用途"), ({"days": 31}, "最长 30 天"), ({"days": 0}, "最长"),
            ({"periods": []}, "哪些阶段"), ({"periods": ["entry"]}, "哪些阶段"),
        ],
    )  # fmt: skip
    def test_refused_in_words(self, given, said):
        asked = {
            "is_own": False,
            "purpose": "推免",
            "days": 7,
            "periods": ["study"],
            "known": ["study", "conduct"],
            **given,
        }

        assert said in completeness.loan_refusal(**asked)
