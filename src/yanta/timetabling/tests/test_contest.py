"""What a run over the instances says."""

from yanta.timetabling.contest import Entry, summary


def test_a_tie_with_the_winner_counts_only_where_nothing_better_exists() -> None:
    assert Entry("comp01", 0, 5, 1.0).is_ahead
    assert not Entry("comp04", 0, 37, 1.0).is_ahead
    assert Entry("comp04", 0, 36, 1.0).is_ahead
    assert not Entry("comp04", 1, 30, 1.0).is_ahead


def test_the_gap_is_a_share_of_the_best_known() -> None:
    assert Entry("comp07", 0, 9, 1.0).gap == 0.5
    assert Entry("comp07", 1, 9, 1.0).gap is None
    assert Entry("mine", 0, 9, 1.0).gap is None


def test_the_summary_counts_only_what_is_known() -> None:
    told = summary([Entry("comp01", 0, 5, 1.0), Entry("comp07", 0, 12, 1.0), Entry("mine", 0, 3, 1.0)])

    assert told == "3 of 3 hold, 2 of 2 ahead of the winner, mean gap 50.0%"
    assert summary([Entry("mine", 2, 3, 1.0)]) == "0 of 1 hold"
