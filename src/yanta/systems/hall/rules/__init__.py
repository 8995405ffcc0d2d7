"""What forms ask, how they calculate, who owes an answer: pure functions."""
