import pytest
from django.test import Client

from yanta.config import health


class TestHealth:
    def test_a_living_process_says_so_without_a_database(self) -> None:
        assert Client().get("/healthz").content == b"ok\n"

    @pytest.mark.django_db
    def test_ready_without_background_work_but_not_in_all(self) -> None:
        assert Client().get("/readyz").json() == {"database": True, "work": False}
        assert Client().get("/readyz").status_code == 200
        assert Client().get("/readyz?all").status_code == 503

    def test_not_ready_without_a_database(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(health, "_database_answers", lambda: False)

        assert Client().get("/readyz").status_code == 503
