"""Who comes in with a partner's account, whose person it is, and what is not believed."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from yanta.kernel.people.models import Affiliation
from yanta.sso.applications.models import Decision
from yanta.sso.applications.tests import factories as sso
from yanta.sso.partners import asking, services
from yanta.sso.partners.models import Attempt, Link, Stranger
from yanta.sso.partners.tests import factories as there
from yanta.sso.saml import assertions, encryption, keys, names
from yanta.sso.saml.documents import read, written
from yanta.sso.saml.tests import factories as peer

pytestmark = pytest.mark.django_db
PASSWORD = "Yanta-2026-goose"


@pytest.fixture(autouse=True)
def _fresh():
    cache.clear()
    keys.forget()
    yield
    keys.forget()


@pytest.fixture
def server(monkeypatch) -> there.Server:
    made = there.Server()
    monkeypatch.setattr(asking, "ask", made)
    return made


@pytest.fixture
def goose() -> Any:
    account = sso.account(username="goose", name="鹅")
    account.set_password(PASSWORD)
    account.save()
    return account


def begun(client: Client, server: there.Server | None = None, code: str = "province") -> dict[str, str]:
    """What the partner is asked by the browser."""
    answer = client.get(f"/partners/{code}/start?next=/account/")
    assert answer.status_code == 302, answer.content.decode()[:400]
    asked = there.asked_of(answer.url)
    if server is not None:
        server.nonce = asked.get("nonce", "")
    return asked


def back(client: Client, server: there.Server, code: str = "province", **changed: str):
    asked = begun(client, server, code)
    return client.get(f"/partners/{code}/callback", {"code": "c", "state": asked["state"], **changed})


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def refused(client: Client, answer: Any, rule: str) -> None:
    found = Decision.objects.order_by("-pk").first()
    assert answer.status_code == 403
    assert (found.protocol, found.outcome, found.rule) == ("partner", "refused", rule), found.reason
    assert not is_in(client)


class TestOpenIdConnect:
    def test_lets_in_whom_the_link_names(self, client, server, goose):
        partner = there.partner()
        Link.objects.create(partner=partner, subject="subject-1", person=goose.person, proof="self")

        answer = back(client, server)

        assert answer.url == "/account/"
        assert is_in(client)
        assert goose.sign_ins.get().method == "partner"
        _method, _url, told = next(one for one in server.asked if one[1].endswith("/token"))
        assert told["data"]["redirect_uri"].endswith("/partners/province/callback")
        assert len(told["data"]["code_verifier"]) >= 43

    def test_asks_with_state_nonce_and_pkce(self, client, server):
        there.partner()

        asked = begun(client, server)

        assert {"state", "nonce", "code_challenge"} <= set(asked)
        assert asked["code_challenge_method"] == "S256"

    @pytest.mark.parametrize(
        ("claims", "rule"),
        [
            ({"iss": "https://evil.example"}, "issuer"), ({"aud": "another"}, "audience"),
            ({"aud": [there.CLIENT, "another"]}, "audience"), ({"azp": "another"}, "audience"),
            ({"nonce": "another"}, "nonce"), ({"nonce": None}, "nonce"), ({"exp": 1}, "time.old"), ({"exp": None}, "time"),
            ({"iat": 4_000_000_000}, "time.future"), ({"sub": ""}, "subject"), ({"sub": "x" * 300}, "subject"),
        ],
    )  # fmt: skip
    def test_takes_no_token_of_anything_else(self, client, server, goose, claims, rule):
        partner = there.partner()
        Link.objects.create(partner=partner, subject="subject-1", person=goose.person, proof="self")
        server.claims = claims

        refused(client, back(client, server), rule)

    def test_takes_no_forged_token(self, client, server, goose):
        partner = there.partner()
        Link.objects.create(partner=partner, subject="subject-1", person=goose.person, proof="self")

        server.signed_by = "evil"
        refused(client, back(client, server), "signature")
        server.signed_by, server.algorithm = "partner", "HS256"
        refused(client, back(client, server), "signature")
        unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=") + ".e30."
        server.answers["/token"] = f'{{"id_token": "{unsigned}"}}'.encode()
        refused(client, back(client, server), "signature")

    def test_takes_no_answer_that_this_browser_did_not_start(self, client, server, goose):
        partner = there.partner()
        Link.objects.create(partner=partner, subject="subject-1", person=goose.person, proof="self")
        asked = begun(Client(), server)

        refused(
            client, client.get("/partners/province/callback", {"code": "c", "state": asked["state"]}), "state"
        )
        refused(client, client.get("/partners/province/callback", {"code": "c"}), "state")

    def test_takes_no_answer_twice_or_late(self, client, server, goose):
        there.partner()
        asked = begun(client, server)
        Attempt.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

        refused(
            client, client.get("/partners/province/callback", {"code": "c", "state": asked["state"]}), "state"
        )
        refused(
            client, client.get("/partners/province/callback", {"code": "c", "state": asked["state"]}), "state"
        )

    def test_takes_no_answer_of_one_partner_for_another(self, client, server, goose):
        """Mix-up: the address is the other partner's, or the answer names another sender."""
        there.partner()
        there.partner(code="other", issuer="https://other.example")
        asked = begun(client, server)

        refused(
            client, client.get("/partners/other/callback", {"code": "c", "state": asked["state"]}), "mix_up"
        )
        refused(client, back(client, server, iss="https://other.example"), "mix_up")
        assert not [one for one in server.asked if one[1].endswith("/token")]

    def test_takes_no_configuration_of_another_issuer(self, client, server):
        there.partner(issuer="https://other.example")

        refused(client, client.get("/partners/province/start"), "issuer")

    def test_leads_nowhere_else(self, client, server, goose):
        partner = there.partner()
        Link.objects.create(partner=partner, subject="subject-1", person=goose.person, proof="self")
        address = client.get("/partners/province/start?next=https://evil.example/").url
        server.nonce = there.asked_of(address)["nonce"]

        answer = client.get(
            "/partners/province/callback", {"code": "c", "state": there.asked_of(address)["state"]}
        )

        assert answer.url == "/"

    def test_asks_a_second_factor_where_there_is_one(self, client, server, goose, monkeypatch):
        from yanta.kernel.identity import factors

        partner = there.partner()
        Link.objects.create(partner=partner, subject="subject-1", person=goose.person, proof="self")
        monkeypatch.setattr(factors, "is_enrolled", lambda account: True)

        assert back(client, server).url == "/sign-in/second-factor/"
        assert not is_in(client)

    def test_of_a_closed_account_is_closed(self, client, server, goose):
        partner = there.partner()
        Link.objects.create(partner=partner, subject="subject-1", person=goose.person, proof="self")
        type(goose).objects.filter(pk=goose.pk).update(state="locked")

        refused(client, back(client, server), "account.state")

    def test_of_a_partner_that_is_not_open(self, client, server):
        there.partner(is_open=False)

        assert client.get("/partners/province/start").status_code == 404


class TestWhoItIs:
    def test_is_never_told_by_mail_or_name(self, client, server, goose):
        there.partner()
        server.claims = {
            "email": goose.person.email,
            "email_verified": True,
            "name": goose.name,
            "phone_number": "13800000001",
        }

        refused(client, back(client, server), "unknown")
        assert Stranger.objects.count() == 0

    def test_is_told_by_a_verified_number_where_policy_says_so(self, client, server, goose):
        Affiliation.objects.create(person=goose.person, role="staff", number="T0001")
        there.partner(linking="number", number_claim="staff_no")
        server.claims = {"staff_no": "t0001"}

        assert back(client, server).status_code == 302
        assert Link.objects.get().proof == "number"
        assert is_in(client)

    def test_is_told_by_the_identity_number(self, client, server, goose):
        goose.person.id_number = "11010519491231002X"
        goose.person.save()
        there.partner(linking="identity", identity_claim="sfzjh")
        server.claims = {"sfzjh": "11010519491231002x"}

        assert back(client, server).status_code == 302
        assert Link.objects.get().person == goose.person

    def test_does_not_take_over_who_is_linked_already(self, client, server, goose):
        """A second account of the partner with the same number is not the same person's."""
        Affiliation.objects.create(person=goose.person, role="staff", number="T0001")
        partner = there.partner(linking="number", number_claim="staff_no")
        Link.objects.create(partner=partner, subject="subject-0", person=goose.person, proof="self")
        server.claims = {"staff_no": "T0001"}

        refused(client, back(client, server), "unknown")

    def test_becomes_a_todo_only_where_policy_says_so(self, client, server, goose):
        partner = there.partner(unknown="todo")

        answer = back(client, server)
        stranger = Stranger.objects.get()
        from yanta.kernel.base import Actor

        services.identify(stranger, actor=Actor.system("test"), person=goose.person, evidence="来人核验证件")

        assert "信息中心会核实" in answer.content.decode()
        assert stranger.told_name == "鹅"
        assert Link.objects.get(partner=partner).proof == "office"
        back(client, server)
        assert is_in(client)

    def test_is_linked_by_the_person_and_unlinked(self, client, server, goose):
        there.partner()
        client.force_login(goose)
        assert "合作方账号" in client.get("/account/").content.decode()
        wrong = client.post("/account/partners/", {"partner": "province", "current": "nonsense"})
        page = client.post(
            "/account/partners/", {"partner": "province", "current": PASSWORD}
        ).content.decode()
        address = (
            page.partition('href="https://login.province.example')[2].partition('"')[0].replace("&amp;", "&")
        )
        asked = there.asked_of(f"https://login.province.example{address}")
        server.nonce = asked["nonce"]

        answer = client.get("/partners/province/callback", {"code": "c", "state": asked["state"]})
        link = Link.objects.get()
        client.post(f"/account/partners/{link.pk}/unlink/")

        assert wrong.status_code == 422
        assert asked["prompt"] == "login"
        assert answer.url == "/account/partners/"
        assert (link.person, link.proof) == (goose.person, "self")
        assert Link.objects.count() == 0

    def test_link_is_nobody_elses(self, client, server, goose):
        """Started by one account, finished in the browser of another: nothing is linked."""
        there.partner()
        client.force_login(goose)
        page = client.post(
            "/account/partners/", {"partner": "province", "current": PASSWORD}
        ).content.decode()
        address = (
            page.partition('href="https://login.province.example')[2].partition('"')[0].replace("&amp;", "&")
        )
        asked = there.asked_of(f"https://login.province.example{address}")
        server.nonce = asked["nonce"]
        session = client.session
        states = session["partner_states"]
        client.force_login(sso.account(username="gander", name="雄鹅"))
        session = client.session
        session["partner_states"] = states
        session.save()

        answer = client.get("/partners/province/callback", {"code": "c", "state": asked["state"]})

        assert answer.status_code == 403
        assert Link.objects.count() == 0

    def test_button_stands_on_the_sign_in_page(self, client):
        there.partner()

        assert "省教育厅统一认证" in client.get("/sign-in/").content.decode()


class TestCas:
    ANSWER = (
        '<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas"><cas:authenticationSuccess><cas:user>subject-1</cas:user>'
        "<cas:attributes><cas:name>鹅</cas:name></cas:attributes></cas:authenticationSuccess></cas:serviceResponse>"
    )

    @pytest.fixture(autouse=True)
    def _linked(self, goose):
        partner = there.partner("cas")
        Link.objects.create(partner=partner, subject="subject-1", person=goose.person, proof="self")

    def back(self, client: Client, server: there.Server, answer: str):
        server.answers["/p3/serviceValidate"] = answer.encode()
        state = there.asked_of(begun(client)["service"])["state"]
        return client.get("/partners/province/callback", {"ticket": "ST-1", "state": state})

    def test_lets_in_whom_the_ticket_names(self, client, server):
        assert self.back(client, server, self.ANSWER).url == "/account/"
        assert is_in(client)

    @pytest.mark.parametrize(
        ("answer", "rule"),
        [
            ('<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas"><cas:authenticationFailure/></cas:serviceResponse>', "ticket"),
            (f'<!DOCTYPE a [<!ENTITY x "y">]>{ANSWER}', "answer"), ("no", "answer"),
            (ANSWER.replace("subject-1", "nobody"), "unknown"),
        ],
        ids=["failure", "entity", "no xml", "nobody"],
    )  # fmt: skip
    def test_believes_nothing_else(self, client, server, answer, rule):
        refused(client, self.back(client, server, answer), rule)


class TestSaml:
    ACS, OURS = (
        "http://127.0.0.1:8000/partners/province/acs",
        "http://127.0.0.1:8000/partners/province/metadata",
    )

    @pytest.fixture(autouse=True)
    def _linked(self, goose):
        partner = there.partner("saml")
        Link.objects.create(partner=partner, subject="subject-1", person=goose.person, proof="self")

    def made(
        self, client: Client, *, key: str = "idp", whole: bool = False, **changed: Any
    ) -> tuple[Any, str]:
        """A partner's response to a request that this browser started; keyword arguments make it lie."""
        asked = begun(client)
        number = f"_{Attempt.objects.order_by('-pk').first().nonce}"
        told = {
            "issuer": there.ISSUER,
            "audience": self.OURS,
            "recipient": self.ACS,
            "at": timezone.now(),
            "in_response_to": number,
        }
        envelope = assertions.Envelope(
            **{**told, **{name: one for name, one in changed.items() if name in told}}
        )
        about = assertions.About(
            assertions.Name("subject-1", changed.get("format", names.PERSISTENT)),
            timezone.now(),
            names.PASSWORD,
            "i",
        )
        private = assertions.Key(*peer.pair(key))
        return assertions.success(
            about, envelope, private, signs_assertion=not whole, signs_response=whole
        ), asked["RelayState"]

    def sent(self, client: Client, response: Any, state: str):
        """The form comes from another site and so without a cookie; the browser then comes again with it."""
        form = {"SAMLResponse": peer.posted(written(response)), "RelayState": state}
        answer = Client().post("/partners/province/acs", form)
        return client.get(answer.url) if answer.status_code == 303 else answer

    @pytest.mark.parametrize("whole", [True, False])
    def test_lets_in_whom_the_assertion_names(self, client, whole):
        assert self.sent(client, *self.made(client, whole=whole)).url == "/account/"
        assert is_in(client)

    def test_opens_what_was_encrypted_for_us(self, client):
        response, state = self.made(client)
        inner = response.find("{urn:oasis:names:tc:SAML:2.0:assertion}Assertion")
        sealed = encryption.encrypted(read(written(inner)), certificate=keys.current().certificate)
        response.replace(inner, sealed)

        assert self.sent(client, response, state).url == "/account/"

    @pytest.mark.parametrize(
        ("changed", "rule"),
        [
            ({"key": "evil"}, "signature.wrong"), ({"key": "evil", "whole": True}, "signature.wrong"),
            ({"issuer": "https://evil.example"}, "issuer"), ({"audience": "https://other.example"}, "audience"),
            ({"recipient": "https://other.example/acs"}, "destination"), ({"in_response_to": "_another"}, "in_response_to"),
            ({"in_response_to": ""}, "in_response_to"), ({"at": timezone.now() - timedelta(minutes=30)}, "time.old"),
            ({"at": timezone.now() + timedelta(minutes=30)}, "time.future"), ({"format": names.TRANSIENT}, "name_id"),
        ],
    )  # fmt: skip
    def test_believes_nothing_else(self, client, changed, rule):
        refused(client, self.sent(client, *self.made(client, **changed)), rule)

    def test_takes_no_unsigned_and_no_wrapped_assertion(self, client):
        """The signed one is hidden, and a forged one stands where it is read."""
        wrap = "{urn:oasis:names:tc:SAML:2.0:assertion}Assertion"
        signature = "{http://www.w3.org/2000/09/xmldsig#}Signature"

        response, state = self.made(client)
        inner = response.find(wrap)
        inner.remove(inner.find(signature))
        refused(client, self.sent(client, response, state), "signature.missing")

        for place in ("before", "inside"):
            response, state = self.made(client)
            good = response.find(wrap)
            evil = read(written(good).replace(b"subject-1", b"subject-2"))
            evil.remove(evil.find(signature))
            evil.set("ID", "_evil")
            if place == "before":
                response.insert(2, evil)
                refused(client, self.sent(client, response, state), "xml.content")
            else:
                response.replace(good, evil)
                evil.append(good)
                refused(client, self.sent(client, response, state), "assertion")

    def test_takes_no_assertion_twice_and_in_no_other_browser(self, client):
        response, state = self.made(client)
        form = {"SAMLResponse": peer.posted(written(response)), "RelayState": state}
        first = Client().post("/partners/province/acs", form)

        refused(client, Client().post("/partners/province/acs", form), "replay")
        assert Client().get(first.url).status_code == 403

    def test_says_what_a_partner_registers_of_us(self, client):
        from yanta.sso.saml import metadata

        found = metadata.service_provider(
            client.get("/partners/province/metadata").content.decode(), at=timezone.now()
        )

        assert found.entity_id == self.OURS
        assert found.acs[0][1] == self.ACS
        assert found.signs_requests
