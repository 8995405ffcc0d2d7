"""People's verdicts bind, keys stay with the people they were given to, and merges can be undone."""

from yanta.hub.matching import Decision, Settings

from .factories import id_number, matched, row

NUMBER = id_number("610102", "19790518", "123")
SAME = row("欧阳德海", id_no=NUMBER)
TWO = (SAME, row("欧阳德海", id_no=NUMBER, source="library"))


class TestVerdicts:
    def test_different_splits_what_the_rows_would_join(self):
        assert matched(*TWO, decisions=(Decision(1, 2, same=False),)).groups == [[1], [2]]

    def test_different_keeps_a_third_row_from_bridging(self):
        third = row("欧阳德海", id_no=NUMBER, source="finance")
        found = matched(*TWO, third, decisions=(Decision(1, 2, same=False),))
        assert [1, 2] not in [group[:2] for group in found.groups]

    def test_a_pair_that_was_decided_is_not_asked_about_again(self):
        assert matched(*TWO, decisions=(Decision(1, 2, same=False),)).doubts == set()

    def test_same_joins_what_has_nothing_in_common(self):
        found = matched(row("欧阳德海"), row("司马青山"), decisions=(Decision(1, 2, same=True),))
        assert found.groups == [[1, 2]]

    def test_same_outweighs_two_valid_numbers(self):
        other = row("欧阳德海", id_no=id_number("330106", "19790518", "036"), source="library")
        assert matched(SAME, other, decisions=(Decision(2, 1, same=True),)).groups == [[1, 2]]

    def test_verdicts_on_rows_that_are_gone_do_nothing(self):
        assert matched(*TWO, decisions=(Decision(1, 999_999, same=False),)).groups == [[1, 2]]


class TestKeys:
    def test_equal_input_gives_equal_keys(self):
        assert matched(*TWO).key == matched(*TWO).key

    def test_a_new_row_takes_the_key_its_person_has(self):
        found = matched(*TWO, assigned={1: "P000123"})
        assert {found.key[1], found.key[2]} == {"P000123"}

    def test_an_un_merged_row_gets_a_key_of_its_own_and_keeps_it(self):
        before = matched(*TWO)
        split = matched(*TWO, decisions=(Decision(1, 2, same=False),), assigned=before.key)
        assert split.key[1] == before.key[1] != split.key[2]
        again = matched(*TWO, decisions=(Decision(1, 2, same=False),), assigned=split.key)
        assert again.key == split.key

    def test_of_two_keys_that_turn_out_one_person_the_one_with_more_rows_stays(self):
        third = row("欧阳德海", id_no=NUMBER, source="finance")
        found = matched(*TWO, third, assigned={1: "P1", 2: "P2", 3: "P2"})
        assert {found.key[n] for n in (1, 2, 3)} == {"P2"}

    def test_a_key_given_up_is_nobody_elses_later(self):
        before = matched(*TWO)
        found = matched(*TWO, assigned={1: "P2", 2: "P2", 999_999: before.key[1]})
        assert before.key[1] not in {found.key[n] for n in found.key if n not in (1, 2)}


class TestKeepAssigned:
    def test_new_rows_find_known_people(self):
        found = matched(*TWO, assigned={1: "P1"}, settings=Settings(keep_assigned=True))
        assert found.key[2] == "P1"

    def test_known_people_stay_apart_and_whole(self):
        third = row("欧阳德海", id_no=NUMBER, source="finance")
        settings = Settings(keep_assigned=True)
        found = matched(*TWO, third, row("司马青山"), assigned={1: "P1", 2: "P2", 4: "P1"}, settings=settings)
        assert (found.key[1], found.key[2], found.key[4]) == ("P1", "P2", "P1")
