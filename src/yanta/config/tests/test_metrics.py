import pytest
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from yanta.kernel.identity import hashing
from yanta.kernel.identity.models import SignIn
from yanta.kernel.identity.trail.models import LogCheck, LogFeed

pytestmark = pytest.mark.django_db
TOKEN = {"Authorization": "Bearer for-the-monitor"}


def told(client, settings):
    settings.METRICS_TOKEN = "for-the-monitor"
    answer = client.get("/metrics", headers=TOKEN)
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (one.name, *sorted(one.labels.items())): one.value for family in families for one in family.samples
    }


class TestWho:
    def test_nobody_is_answered_until_somebody_is_named(self, client):
        assert client.get("/metrics").status_code == 404
        assert client.get("/metrics", headers=TOKEN).status_code == 404

    def test_a_wrong_token_is_not_answered(self, client, settings):
        settings.METRICS_TOKEN = "another"
        assert client.get("/metrics", headers=TOKEN).status_code == 404

    def test_networks_are_answered_by_their_own_address(self, client, settings):
        settings.METRICS_FROM = ["10.1.0.0/16"]
        assert client.get("/metrics", REMOTE_ADDR="10.1.2.3").status_code == 200
        assert client.get("/metrics", REMOTE_ADDR="10.2.2.3").status_code == 404
        assert (
            client.get(
                "/metrics", REMOTE_ADDR="10.2.2.3", headers={"X-Forwarded-For": "10.1.2.3"}
            ).status_code
            == 404
        )


class TestWhat:
    def test_sign_ins_by_method_and_outcome(self, client, settings):
        for outcome in ("success", "success", "wrong_password"):
            SignIn.objects.create(method="password", outcome=outcome, at=timezone.now())

        found = told(client, settings)

        assert found["yanta_sign_ins_5m", ("method", "password"), ("outcome", "success")] == 2
        assert found["yanta_sign_ins_5m", ("method", "password"), ("outcome", "wrong_password")] == 1

    def test_receivers_and_the_verdict_on_the_logs(self, client, settings):
        LogFeed.objects.create(name="SIEM", log="sign-ins", host="127.0.0.1", is_open=True, error="refused")
        LogCheck.objects.create(
            log="sign-ins", at=timezone.now(), is_sound=False, rows=0, blocks=0, waiting=0, finding="x"
        )

        found = told(client, settings)

        assert found["yanta_log_feed_failing", ("receiver", "SIEM")] == 1
        assert found["yanta_log_sound", ("log", "sign-ins")] == 0

    def test_hashes_and_their_line(self, client, settings, monkeypatch):
        pool = hashing.HashPool(slots=1, line=0)
        monkeypatch.setattr(hashing, "pool", pool)
        with pool.slot(), pytest.raises(hashing.Busy), pool.slot():
            pass

        found = {
            name: value for (name, *labels), value in told(client, settings).items() if "bucket" not in name
        }

        assert found["yanta_hash_seconds_count"] == 1
        assert found["yanta_hash_sent_away"] == 1
        assert found["yanta_hash_waiting"] == 0
