"""A small rush in a cluster of its own, with processes and the database killed in the middle."""

from __future__ import annotations

from yanta.config import environment


def test_no_answer_becomes_untrue(monkeypatch):
    monkeypatch.syspath_prepend(str(environment.checkout() / "bench"))
    monkeypatch.setenv("YANTA_BENCH_ARRIVING", "8")
    import kills

    said = kills.run(120, address="")

    assert said["killed"] == {
        "one_web_process": 2, "database": 2, "background_worker": 1, "whole_web_server": 1,
    }  # fmt: skip
    assert (said["fsync"], said["synchronous_commit"]) == ("on", "on")
    assert said["answers"] >= 3 * 120
    faults = ("untrue", "lost", "unexplained", "decided_twice", "unfilled", "oversold", "uneven", "double")
    assert {name: said[name] for name in faults} == dict.fromkeys(faults, 0)
