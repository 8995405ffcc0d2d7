"""Decisions in words."""

from yanta.hub.matching import sentence

from .factories import id_number, matched, row

NUMBER = id_number("610102", "19790518", "123")


class TestSentence:
    def test_names_what_agreed_and_what_did_not_with_its_weight(self):
        found = matched(
            row("欧阳德海", id_no=NUMBER, phone="16811112222"),
            row("欧阳得海", id_no=NUMBER, phone="16833334444", source="library"),
        )
        said = sentence(found.decision(1, 2))
        assert said.startswith("证件号一致（+")
        assert "姓名同音（" in said
        assert "电话不同（−" in said

    def test_says_so_if_nothing_could_be_compared(self):
        assert sentence({}) == "没有可比的字段"

    def test_weights_add_up_to_the_bits_of_the_pair(self):
        found = matched(row("欧阳德海", id_no=NUMBER), row("欧阳德海", id_no=NUMBER, source="library"))
        pair = found.decision(1, 2)
        prior = pair["bits"] - sum(value for name, value in pair.items() if name.startswith("w_"))
        assert -12 < prior < -5
        assert pair["verdict"] == "joined"
        assert pair["probability"] > 0.999


class TestDoubts:
    def test_come_with_probability_and_reasons(self):
        found = matched(
            row("欧阳德海", ug_no="2019010101", sex="1"),
            row("欧铁柱", ug_no="2019010101", sex="1", source="library"),
        )
        assert found.groups == [[1], [2]]
        doubt = next(d for d in found.result.doubtful.to_pylist() if d["left"] == 1)
        assert 0.05 < doubt["probability"] < 0.999
        assert "本科学号一致" in doubt["reasons"]
