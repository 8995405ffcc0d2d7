import json
import re
import socket

import pytest
from django.utils import timezone

from yanta.kernel.audit.models import AuditEntry
from yanta.kernel.base import Actor
from yanta.kernel.base.ciphers import sm3_hex
from yanta.kernel.identity.models import SignIn
from yanta.kernel.identity.trail import exporting, feeding, jobs, logs, sealing, syslog
from yanta.kernel.identity.trail.models import FeedReceipt
from yanta.kernel.identity.trail.tests import factories
from yanta.kernel.identity.trail.tests.receivers import certificate, receiver

LOG = logs.log_named("sign-ins")
RFC5424 = re.compile(
    rb"<(\d{1,3})>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z (\S{1,255}) yanta - sign-ins - (\{.*\})"
)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = tmp_path


def send():
    sealing.seal_all()
    return feeding.feed_all(at=timezone.now())


def ids(messages):
    return [json.loads(RFC5424.fullmatch(one)[3])["id"] for one in messages]


class TestMessages:
    def test_is_syslog_and_json(self):
        row = factories.sign_ins(1, outcome=SignIn.Outcome.WRONG_PASSWORD, agent="火狐 " * 100)[0]

        found = RFC5424.fullmatch(syslog.as_syslog(LOG, row, host="campus.example"))

        assert found[1] == b"84"  # security, warning
        told = json.loads(found[3])
        assert (told["outcome"], told["login"], told["address"]) == ("wrong_password", row.login, "10.1.2.3")
        assert len(found[0]) < 2048

    def test_a_line_feed_in_a_browsers_name_makes_no_second_message(self):
        row = factories.sign_ins(1, agent="x\n<13>1 forged")[0]

        assert b"\n" not in syslog.as_syslog(LOG, row, host="h")


class TestFeeding:
    def test_every_row_arrives_once_and_in_order_with_a_receipt(self, monkeypatch):
        monkeypatch.setattr(feeding, "ROWS_AT_ONCE", 4)
        rows = factories.sign_ins(10)
        with receiver() as got:
            feed = factories.feed(port=got.port)
            assert send() == 10
            assert send() == 0

        feed.refresh_from_db()
        assert ids(got.messages) == [row.pk for row in rows]
        assert (feed.position, feed.sent, feed.error) == (rows[-1].pk, 10, "")
        first = FeedReceipt.objects.order_by("pk").first()
        assert (first.rows, first.digest) == (4, sm3_hex(b"\n".join(got.messages[:4])))

    def test_nothing_is_lost_while_the_receiver_is_down(self):
        rows = factories.sign_ins(3)
        with receiver() as got:
            feed = factories.feed(port=got.port)
            got.refusing = True
            assert send() == 0
            feed.refresh_from_db()
            assert feed.position == 0
            assert feed.error
            rows += factories.sign_ins(1)
            got.refusing = False
            assert send() == 4

        assert ids(got.messages) == [row.pk for row in rows]

    def test_killed_after_sending_it_sends_the_same_again(self, monkeypatch):
        row = factories.sign_ins(1)[0]
        with receiver() as got:
            factories.feed(port=got.port)

            def killed(**values):
                raise KeyboardInterrupt

            with monkeypatch.context() as patched:
                patched.setattr(FeedReceipt.objects, "create", killed)
                with pytest.raises(KeyboardInterrupt):
                    send()
            assert send() == 1

        assert ids(got.messages) == [row.pk, row.pk]
        assert FeedReceipt.objects.count() == 1

    def test_by_tls_to_whom_it_trusts_only(self, tmp_path):
        factories.sign_ins(2)
        authority, context = certificate(tmp_path)
        with receiver(context) as got:
            stranger = factories.feed(port=got.port, transport="tls", authority="")
            assert send() == 0
            stranger.refresh_from_db()
            assert "CERTIFICATE_VERIFY_FAILED" in stranger.error
            stranger.delete()
            factories.feed(port=got.port, transport="tls", authority=authority)
            assert send() == 2

        assert len(got.messages) == 2

    def test_by_datagrams(self):
        row = factories.sign_ins(1)[0]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.bind(("127.0.0.1", 0))
            line.settimeout(5)
            factories.feed(port=line.getsockname()[1], transport="udp")
            send()
            assert ids([line.recv(4096)]) == [row.pk]

    def test_only_the_outcomes_asked_for_but_past_the_others(self):
        factories.sign_ins(2)
        wrong = factories.sign_ins(1, outcome=SignIn.Outcome.WRONG_PASSWORD)[0]
        last = factories.sign_ins(1)[0]
        with receiver() as got:
            feed = factories.feed(port=got.port, outcomes="wrong_password, locked_out")
            assert send() == 1

        feed.refresh_from_db()
        assert ids(got.messages) == [wrong.pk]
        assert feed.position == last.pk

    def test_the_background_work_seals_and_sends(self):
        factories.sign_ins(2)
        with receiver() as got:
            factories.feed(port=got.port)
            jobs.seal_and_send_logs()

        assert len(got.messages) == 2


class TestExport:
    def test_tells_what_was_asked_for_and_who_took_it(self):
        factories.sign_ins(2)
        wrong = factories.sign_ins(1, outcome=SignIn.Outcome.WRONG_PASSWORD)[0]
        lines = []

        done = exporting.export(
            LOG, exporting.Wanted(outcome="wrong_password"), form="jsonl", purpose="公安机关调取",
            actor=Actor.system("cli"), write=lines.append,
        )  # fmt: skip

        assert [json.loads(line)["id"] for line in lines] == [wrong.pk]
        entry = AuditEntry.objects.get(action="trail.log.export")
        assert (entry.data["rows"], entry.data["sha256"]) == (1, done.digest)
        assert "公安机关调取" in entry.summary
