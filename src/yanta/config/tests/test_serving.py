"""How many connections a web process holds."""

import resource

import pytest

from yanta.config.cli import serve


@pytest.mark.parametrize(
    ("soft", "hard", "files", "connections"),
    [
        (1024, 1_048_576, 16_896, 16_384),
        (1024, 4096, 4096, 3584),
        (20_000, 20_000, 20_000, 16_384),
        (1024, resource.RLIM_INFINITY, 16_896, 16_384),
    ],
)
def test_the_limit_of_open_files_is_raised_as_far_as_is_needed_and_allowed(
    soft, hard, files, connections, monkeypatch
):
    told = []
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _which, limits: told.append(limits))

    assert serve._connections() == connections
    assert told == [(files, hard)]
