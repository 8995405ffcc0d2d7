import json
import threading
from hashlib import sha256
from hmac import new as hmac
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core.cache import cache

from yanta.kernel.notify import dispatching, gateways, send, sending, template
from yanta.kernel.notify.models import Dispatch, SimulatedText
from yanta.kernel.testing.factories import PersonFactory

template("test.texted", title="{{ what }}到期了", body="请办理", channels=("sms", "wecom"))


@pytest.fixture
def outside():
    """A service on loopback that keeps what it is asked."""
    asked = []

    class Service(BaseHTTPRequestHandler):
        answer: dict = {"errcode": 0, "access_token": "t0"}

        def do_GET(self):
            self._told(b"")

        def do_POST(self):
            self._told(self.rfile.read(int(self.headers["Content-Length"])))

        def _told(self, body: bytes):
            asked.append((self.path, dict(self.headers), body))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(self.answer).encode())

        def log_message(self, *_args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    cache.delete("wecom-token")
    yield f"http://127.0.0.1:{server.server_port}", asked, Service
    server.shutdown()
    thread.join()
    server.server_close()
    cache.delete("wecom-token")


def test_a_gateway_gets_the_text_signed(outside, settings):
    address, asked, _ = outside
    settings.SMS_GATEWAY, settings.SMS_SECRET = f"{address}/send", "s3cret"
    gateways.texts().send("13900000001", "验证码 123456")
    path, headers, body = asked[0]
    assert path == "/send"
    assert json.loads(body) == {"to": "13900000001", "text": "验证码 123456"}
    signed = hmac(b"s3cret", headers["X-Yanta-Time"].encode() + b"." + body, sha256).hexdigest()
    assert headers["X-Yanta-Signature"] == signed


def test_wecom_gets_a_card_with_the_token_it_gave(outside, settings):
    address, asked, _ = outside
    settings.WECOM_ADDRESS, settings.WECOM_CORP, settings.WECOM_SECRET = address, "corp", "secret"
    way = gateways.wecom()
    way.send("P1", "请假已批准\n早去早回", "https://campus.example/leave/1/")
    way.send("P1", "无链接")
    assert [path.partition("?")[0] for path, _, _ in asked] == [
        "/cgi-bin/gettoken", "/cgi-bin/message/send", "/cgi-bin/message/send",
    ]  # fmt: skip
    card = json.loads(asked[1][2])
    assert card["msgtype"] == "textcard"
    assert card["textcard"]["title"] == "请假已批准"
    assert json.loads(asked[2][2])["text"]["content"] == "无链接"


def test_what_wecom_refuses_is_an_error_and_the_token_is_forgotten(outside, settings):
    address, _, service = outside
    settings.WECOM_ADDRESS, settings.WECOM_CORP = address, "corp"
    service.answer = {"errcode": 42001, "errmsg": "expired"}
    cache.set("wecom-token", "old")
    with pytest.raises(gateways.NotSentError, match="42001"):
        gateways.wecom().send("P1", "你好")
    assert cache.get("wecom-token") is None


@pytest.mark.django_db
class TestChannels:
    @pytest.fixture
    def person(self):
        return PersonFactory(phone="13900000001")

    def sent(self, person, monkeypatch, *, simulating: bool):
        monkeypatch.setattr(gateways, "is_simulating", lambda: simulating)
        monkeypatch.setattr(sending.rules, "next_polite", lambda now, quiet: now)
        send("test.texted", to=[person.pk], context={"what": "护照"}, link="/x/")
        dispatching.dispatch_due()
        return {row.channel: row.state for row in Dispatch.objects.all()}

    def test_the_demo_shows_what_would_go_out(self, person, monkeypatch, client):
        assert self.sent(person, monkeypatch, simulating=True) == {"sms": "sent"}
        sms = SimulatedText.objects.get(channel="sms")
        assert (sms.address, sms.text) == ("13900000001", "护照到期了")
        assert "护照到期了" in client.get("/messages/simulated/").content.decode()

    def test_without_a_phone_the_next_channel_is_used_and_the_reason_is_kept(self, monkeypatch):
        person = PersonFactory(phone=None)
        assert self.sent(person, monkeypatch, simulating=True) == {"sms": "nowhere", "wecom": "sent"}
        assert Dispatch.objects.get(channel="sms").error == "没有登记手机号"
        assert SimulatedText.objects.get(channel="wecom").link.endswith("/x/")

    def test_without_gateway_and_demo_nothing_goes_anywhere(self, person, monkeypatch, client, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
        assert self.sent(person, monkeypatch, simulating=False) == {"sms": "nowhere", "wecom": "nowhere"}
        assert Dispatch.objects.get(channel="wecom").error == "学校没有配置企业微信"
        assert not SimulatedText.objects.exists()
        assert client.get("/messages/simulated/").status_code == 404


class TestApplications:
    def test_dingtalk_gets_an_action_card(self, outside, settings):
        address, asked, _ = outside
        settings.DINGTALK_ADDRESS, settings.DINGTALK_KEY, settings.DINGTALK_AGENT = address, "k", "7"
        cache.delete("dingtalk-token")
        gateways.application("dingtalk").send("P1", "请假已批准\n早去早回", "https://campus.example/leave/1/")
        sent = json.loads(asked[1][2])
        assert asked[1][0].startswith("/topapi/message/corpconversation/asyncsend_v2")
        assert (sent["userid_list"], sent["msg"]["action_card"]["single_url"][-9:]) == ("P1", "/leave/1/")

    def test_feishu_gets_a_text_under_the_tenants_token(self, outside, settings):
        address, asked, service = outside
        settings.FEISHU_ADDRESS, settings.FEISHU_APP = address, "a"
        service.answer = {"code": 0, "tenant_access_token": "t9"}
        cache.delete("feishu-token")
        gateways.application("feishu").send("P1", "你好", "https://campus.example/x/")
        assert asked[1][1]["Authorization"] == "Bearer t9"
        assert json.loads(json.loads(asked[1][2])["content"])["text"] == "你好\nhttps://campus.example/x/"

    def test_wechat_gets_its_template_filled(self, outside, settings):
        address, asked, _ = outside
        settings.WECHAT_ADDRESS, settings.WECHAT_APP, settings.WECHAT_TEMPLATE = address, "a", "T1"
        cache.delete("wechat-token")
        gateways.application("wechat").send("openid", "调课通知\n高等数学改到周五")
        sent = json.loads(asked[1][2])
        assert (sent["touser"], sent["template_id"], sent["data"]["thing1"]["value"]) == (
            "openid",
            "T1",
            "调课通知",
        )
