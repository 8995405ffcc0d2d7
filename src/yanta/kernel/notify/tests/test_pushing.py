"""A push is encrypted for the browser alone and signed by the school; the test is the browser."""

import base64
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import http_ece
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from yanta.kernel.base import Refused
from yanta.kernel.notify import dispatching, gateways, pushing, send, template
from yanta.kernel.notify.models import Dispatch, PushSubscription

template("test.pushed", title="成绩出来了", body="高等数学 92 分")


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Browser:
    """A receiver with keys of its own (RFC 8291)."""

    def __init__(self):
        self.key, self.secret = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
        point = (serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        self.public = self.key.public_key().public_bytes(*point)

    def told(self, endpoint):
        return {"endpoint": endpoint, "keys": {"p256dh": encoded(self.public), "auth": encoded(self.secret)}}

    def read(self, body):
        return json.loads(http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret))


@pytest.fixture
def service():
    """A push service on loopback; `answer` is its status."""
    asked = []

    class Service(BaseHTTPRequestHandler):
        answer = 201

        def do_POST(self):
            asked.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(self.answer)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/push/1", asked, Service
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def browser(monkeypatch):
    monkeypatch.setattr(pushing, "_allowed", lambda endpoint: True)
    return Browser()


def test_only_the_browser_reads_it_and_the_school_signs_it(browser, service, student_actor, clock):
    endpoint, asked, _ = service
    pushing.subscribe(browser.told(endpoint), device="手机", actor=student_actor)
    send("test.pushed", to=[student_actor.person_id], link="/marks/")
    dispatching.dispatch_due()

    headers, body = asked[0]
    assert browser.read(body) == {
        "title": "成绩出来了",
        "text": "高等数学 92 分",
        "link": pushing_link("/marks/"),
    }
    assert "成绩".encode() not in body
    assert pushing.public_key() in headers["Authorization"]
    assert headers["Content-Encoding"] == "aes128gcm"
    assert Dispatch.objects.get().state == "sent"


def pushing_link(path):
    from django.conf import settings

    return settings.SITE_ADDRESS.rstrip("/") + path


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_left_is_forgotten_and_the_next_channel_is_used(
    browser, service, student_actor, status, clock
):
    endpoint, _, kind = service
    kind.answer = status
    pushing.subscribe(browser.told(endpoint), device="手机", actor=student_actor)
    with pytest.raises(gateways.NotSentError, match="失效"):
        pushing.push(student_actor.person_id, "好", "", "")
    assert not PushSubscription.objects.exists()


def test_a_service_in_trouble_is_tried_again(browser, service, student_actor, clock):
    endpoint, _, kind = service
    kind.answer = 503
    pushing.subscribe(browser.told(endpoint), device="手机", actor=student_actor)
    send("test.pushed", to=[student_actor.person_id])
    dispatching.dispatch_due()
    assert Dispatch.objects.get().state == "waiting"
    assert PushSubscription.objects.count() == 1


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x", "https://127.0.0.1/x", "https://evil.example/x", "https://fcm.googleapis.com:22/x",
        "https://fcm.googleapis.com.evil.example/x", "simulated:1", "https://fcm.googleapis.com@10.0.0.1/x",
    ],
)  # fmt: skip
def test_no_other_address_is_called(student_actor, endpoint):
    with pytest.raises(Refused, match="不在学校允许的范围内"):
        pushing.subscribe(Browser().told(endpoint), device="x", actor=student_actor)


def test_half_a_subscription_is_refused(student_actor):
    for told in (
        None,
        [],
        {"endpoint": "https://fcm.googleapis.com/x"},
        {"endpoint": "x", "keys": {"p256dh": "AA", "auth": ""}},
    ):
        with pytest.raises(Refused, match="不完整"):
            pushing.subscribe(told, device="x", actor=student_actor)


def test_the_key_is_made_once_and_kept_from_others(tmp_path, settings):
    settings.HOME = tmp_path
    first = pushing.public_key()
    pushing._key.cache_clear()
    assert pushing.public_key() == first
    assert oct(pushing.key_path().stat().st_mode)[-3:] == "600"
