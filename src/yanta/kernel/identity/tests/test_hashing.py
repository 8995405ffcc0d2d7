import threading
import time

import pytest
from django.contrib.auth.hashers import check_password, make_password

from yanta.kernel.identity import hashing
from yanta.kernel.identity.hashing import Busy, HashPool


class TestHashPool:
    def test_never_runs_more_at_once_than_it_has_slots(self):
        pool, running, most = HashPool(slots=2, line=20), 0, 0
        guard = threading.Lock()

        def work():
            nonlocal running, most
            with pool.slot():
                with guard:
                    running += 1
                    most = max(most, running)
                time.sleep(0.01)
                with guard:
                    running -= 1

        threads = [threading.Thread(target=work) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert most == 2

    def test_sends_the_next_away_when_the_line_is_full(self):
        pool = HashPool(slots=1, line=0)
        with pool.slot(), pytest.raises(Busy), pool.slot():
            pass
        with pool.slot():
            pass  # and lets people in again afterwards

    def test_gives_up_waiting_after_its_patience(self):
        pool = HashPool(slots=1, line=1, patience=0.01)
        with pool.slot(), pytest.raises(Busy), pool.slot():
            pass


class TestHasher:
    def test_uses_the_strength_that_owasp_names(self):
        assert "$argon2id$v=19$m=19456,t=2,p=1$" in make_password("Goose-Tower-652")

    def test_hashes_only_inside_the_pool(self, monkeypatch):
        monkeypatch.setattr(hashing, "pool", HashPool(slots=1, line=0))
        with hashing.pool.slot(), pytest.raises(Busy):
            make_password("Goose-Tower-652")

    def test_renews_a_hash_of_another_kind(self):
        renewed = []
        old = make_password("Goose-Tower-652", hasher="pbkdf2_sha256")
        assert check_password("Goose-Tower-652", old, renewed.append)
        assert renewed == ["Goose-Tower-652"]
