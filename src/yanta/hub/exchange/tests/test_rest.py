"""REST sources against a local HTTP server: pages, identities, bad days, traps."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from yanta.hub.exchange.connectors.base import Address, DriftStop, Reading, TableShape
from yanta.hub.exchange.connectors.rest import RestConnector
from yanta.hub.exchange.connectors.web import TRIES, Caller
from yanta.hub.exchange.tests.factories import shape_named
from yanta.kernel.base import Refused

Answer = tuple[int, dict[str, str], Any]
PEOPLE = [{"id": n, "name": f"学生{n}", "dept": {"code": f"0{n % 3}"}, "tags": ["a", n]} for n in range(1, 8)]


class Service:
    """Answers by path; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.answers: dict[str, Callable[[dict[str, str], dict[str, str]], Answer]] = {}
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answered("")

            def do_POST(self) -> None:
                self._answered(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())

            def _answered(self, body: str) -> None:
                parts = urlsplit(self.path)
                query = {k: v[0] for k, v in parse_qs(parts.query or body).items()}
                headers = {k.lower(): v for k, v in self.headers.items()}
                service.asked.append((parts.path, query, headers))
                status, extra, made = service.answers[parts.path](query, headers)
                data = json.dumps(made).encode()
                self.send_response(status)
                for name, value in {"Content-Length": str(len(data)), **extra}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: Any) -> None:
                return None

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.base = f"http://127.0.0.1:{self.server.server_port}"

    def connector(
        self, password: str = "", known: dict[str, TableShape] | None = None, **options: str
    ) -> RestConnector:
        given = {"url": self.base, "stream.学生": "/people", "page_size": "3", **options}
        address = Address("rest", given, {"password": password})
        self.slept: list[float] = []
        return RestConnector(address, known=known, caller=Caller(address, sleep=self.slept.append))


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    yield made
    made.server.shutdown()
    made.server.server_close()


def ids(reading: Reading) -> list[int]:
    return reading.reader().read_all().column("id").to_pylist()


def plain(body: Any) -> Callable[[dict[str, str], dict[str, str]], Answer]:
    return lambda query, headers: (200, {}, body)


class TestPaging:
    def test_page_numbers(self, service: Service) -> None:
        service.answers["/people"] = lambda q, h: (
            200, {}, {"data": PEOPLE[(int(q["page"]) - 1) * 3 : int(q["page"]) * 3]},
        )  # fmt: skip

        reading = service.connector(paging="page").read("学生")

        assert ids(reading) == list(range(1, 8))
        assert reading.rows == 7

    def test_a_service_with_smaller_pages_than_asked_is_read_to_the_end(self, service: Service) -> None:
        service.answers["/people"] = lambda q, h: (
            200,
            {},
            {"data": PEOPLE[(int(q["page"]) - 1) * 2 : int(q["page"]) * 2]},
        )

        assert ids(service.connector(paging="page", page_size="500").read("学生")) == list(range(1, 8))

    def test_offsets(self, service: Service) -> None:
        service.answers["/people"] = lambda q, h: (200, {}, PEOPLE[int(q["offset"]) :][: int(q["limit"])])

        assert ids(service.connector(paging="offset", size_param="limit").read("学生")) == list(range(1, 8))

    def test_cursors(self, service: Service) -> None:
        def page(query: dict[str, str], headers: dict[str, str]) -> Answer:
            start = int(query.get("cursor", "0"))
            following = start + 3 if start + 3 < len(PEOPLE) else None
            return 200, {}, {"page": {"rows": PEOPLE[start : start + 3], "next": following}}

        service.answers["/people"] = page

        reading = service.connector(paging="cursor", items="page.rows", cursor="page.next").read("学生")

        assert ids(reading) == list(range(1, 8))

    def test_link_headers(self, service: Service) -> None:
        def page(query: dict[str, str], headers: dict[str, str]) -> Answer:
            at = int(query.get("p", "0"))
            link = {"Link": f'<{service.base}/people?p={at + 1}>; rel="next"'} if at < 2 else {}
            return 200, link, PEOPLE[at * 3 : at * 3 + 3]

        service.answers["/people"] = page

        assert ids(service.connector(paging="link").read("学生")) == list(range(1, 8))

    def test_a_service_that_ignores_the_page_is_not_read_forever(self, service: Service) -> None:
        service.answers["/people"] = plain(PEOPLE[:3])

        with pytest.raises(Refused, match="给出同一页"):
            ids(service.connector(paging="page").read("学生"))

    def test_a_link_to_another_host_is_not_followed(self, service: Service) -> None:
        service.answers["/people"] = lambda q, h: (
            200,
            {"Link": '<http://169.254.169.254/x>; rel="next"'},
            PEOPLE[:3],
        )

        with pytest.raises(Refused, match="别的主机"):
            ids(service.connector(paging="link").read("学生"))


class TestIdentity:
    @pytest.mark.parametrize(
        ("options", "password", "header", "value"),
        [
            (
                {"auth": "basic", "user": "me"},
                "pw",
                "authorization",
                "Basic " + base64.b64encode(b"me:pw").decode(),
            ),
            ({"auth": "bearer"}, "token", "authorization", "Bearer token"),
            ({"auth": "header", "auth_header": "X-Key"}, "k1", "x-key", "k1"),
        ],
    )
    def test_is_sent_as_agreed(
        self, service: Service, options: dict[str, str], password: str, header: str, value: str
    ) -> None:
        service.answers["/people"] = plain(PEOPLE)
        ids(service.connector(password, **options).read("学生"))

        assert service.asked[-1][2][header] == value

    def test_client_credentials_are_fetched_kept_and_renewed(self, service: Service) -> None:
        issued: list[str] = []

        def token(query: dict[str, str], headers: dict[str, str]) -> Answer:
            assert query["grant_type"] == "client_credentials"
            assert headers["authorization"].startswith("Basic ")
            issued.append(f"t{len(issued)}")
            return 200, {}, {"access_token": issued[-1]}

        def people(query: dict[str, str], headers: dict[str, str]) -> Answer:
            at = int(query["page"])
            # The first token ends after the first page.
            good = headers["authorization"] == ("Bearer t0" if at == 1 else "Bearer t1")
            return (200, {}, PEOPLE[(at - 1) * 3 : at * 3]) if good else (401, {}, {})

        service.answers |= {"/token": token, "/people": people}
        connector = service.connector("pw", auth="oauth2", user="me", token_url="token", paging="page")

        assert ids(connector.read("学生")) == list(range(1, 8))
        assert issued == ["t0", "t1"]

    def test_a_refusal_is_told_and_not_repeated(self, service: Service) -> None:
        service.answers["/people"] = lambda q, h: (403, {}, {})

        with pytest.raises(Refused, match="403：认证没有通过"):
            service.connector().read("学生")
        assert len(service.asked) == 1


class TestBadDays:
    @pytest.mark.parametrize("status", [429, 503])
    def test_busy_services_are_asked_again(self, service: Service, status: int) -> None:
        service.answers["/people"] = lambda q, h: (
            (status, {"Retry-After": "7"}, {}) if len(service.asked) < 3 else (200, {}, PEOPLE)
        )
        connector = service.connector()

        assert len(ids(connector.read("学生"))) == 7
        assert service.slept == [7.0, 7.0]

    def test_and_given_up_in_words(self, service: Service) -> None:
        service.answers["/people"] = lambda q, h: (500, {}, {})

        with pytest.raises(Refused, match=f"试了 {TRIES} 次，一直答复 500"):
            service.connector().read("学生")
        assert service.slept == [0.5, 1.0, 2.0, 4.0]

    def test_a_service_that_is_away(self) -> None:
        address = Address("rest", {"url": "http://127.0.0.1:9", "stream.学生": "/x"})

        with pytest.raises(Refused, match="连不上"):
            RestConnector(address, caller=Caller(address, sleep=lambda seconds: None)).tables()

    def test_a_redirect_is_not_followed(self, service: Service) -> None:
        service.answers["/people"] = lambda q, h: (302, {"Location": "http://169.254.169.254/"}, {})

        with pytest.raises(Refused, match="请直接填写最终地址"):
            service.connector().read("学生")

    def test_what_is_no_list_is_told(self, service: Service) -> None:
        service.answers["/people"] = plain({"message": "ok"})

        with pytest.raises(Refused, match="用参数 items 指明"):
            service.connector().read("学生")


class TestRows:
    def test_objects_within_become_columns_and_lists_stay_text(self, service: Service) -> None:
        service.answers["/people"] = plain(PEOPLE)

        row = service.connector().read("学生").reader().read_all().to_pylist()[0]

        assert row == {"id": 1, "name": "学生1", "dept.code": "01", "tags": '["a", 1]'}

    def test_kinds_come_from_the_values(self, service: Service) -> None:
        service.answers["/people"] = plain([{"a": 1, "b": 1.5, "c": True, "d": None, "e": 1}, {"e": "x"}])

        (shape,) = service.connector().tables()

        assert [c.kind for c in shape.columns] == ["integer", "number", "flag", "text", "text"]

    def test_a_value_that_does_not_fit_stops_the_read(self, service: Service) -> None:
        pages = [[{"id": 1}], [{"id": "甲"}], []]
        service.answers["/people"] = lambda q, h: (200, {}, pages[int(q["page"]) - 1])

        with pytest.raises(DriftStop, match=r"一向是整数.*没有写入"):
            ids(service.connector(paging="page").read("学生"))

    def test_columns_that_appear_later_are_told(self, service: Service) -> None:
        pages = [[{"id": 1}], [{"id": 2, "phone": "139"}], []]
        service.answers["/people"] = lambda q, h: (200, {}, pages[int(q["page"]) - 1])
        reading = service.connector(paging="page").read("学生")

        assert ids(reading) == [1, 2]
        assert reading.surplus == {"phone"}

    def test_a_column_without_values_keeps_its_accepted_kind(self, service: Service) -> None:
        service.answers["/people"] = plain([{"id": None}])
        known = {"学生": shape_named("学生", ("id", "integer"))}

        (shape,) = service.connector(known=known).tables()

        assert shape.columns[0].kind == "integer"

    def test_the_watermark_is_sent_and_kept_to(self, service: Service) -> None:
        service.answers["/people"] = plain(PEOPLE)
        reading = service.connector(since="updated_after").read("学生", by="id", after="5")

        assert ids(reading) == [5, 6, 7]
        assert reading.watermark == "7"
        assert service.asked[-1][1]["updated_after"] == "5"
