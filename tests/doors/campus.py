"""An installation of its own with web server and worker, and a browser without a screen."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import psycopg
from psycopg.conninfo import make_conninfo

from tests.doors import saml_peers
from tests.journeys.installation import YANTA, wait_until_answered
from yanta.config import databases, schema
from yanta.kernel.testing.processes import free_port

PEERS = (
    "python",
    "django",
    "apache-cas",
    "apache-oidc",
    "authlib",
    "front",
    "back",
    "mellon",
    "pysaml2",
    "saml-idp",
)
LOGIN, PASSWORD = "goose", "Goose-Tower-652"
SECRET = "a-secret-for-tests-of-forty-characters!"
PATIENCE_SECONDS = 90  # two refused attempts and their pauses


@dataclass(frozen=True, slots=True)
class Campus:
    """Where it answers, on which ports its applications do, and its command line."""

    address: str
    ports: dict[str, int]
    environ: dict[str, str]

    @property
    def saml(self) -> saml_peers.Files:
        return saml_peers.files_in(Path(self.environ["YANTA_HOME"]) / "saml")

    def home(self, peer: str) -> str:
        return f"http://127.0.0.1:{self.ports[peer]}/"

    def yanta(self, *arguments: str) -> str:
        done = subprocess.run(
            [*YANTA, *arguments], env=self.environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def decisions(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.yanta("sso", "decisions", "--days", "1").splitlines()]


@contextmanager
def campus(home: Path) -> Iterator[Campus]:
    """A copy of the migrated test database, one person, the applications; served until the end."""
    name = f"yanta_doors_{os.getpid()}"
    template, server = schema.database_for_tests(), make_conninfo(databases.address(), dbname="postgres")
    with psycopg.connect(server, autocommit=True) as own:
        own.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        own.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield from _served(home, make_conninfo(databases.address(), dbname=name))
        finally:
            own.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _served(home: Path, database: str) -> Iterator[Campus]:
    ports = {peer: free_port() for peer in PEERS}
    port = free_port()
    homes = {peer: f"http://127.0.0.1:{one}/" for peer, one in ports.items()}
    environ = {
        **os.environ, "DOORS_SAML": json.dumps(saml_peers.metadata_for(homes, home / "saml")),
        "YANTA_DATABASE_URL": database, "YANTA_HOME": str(home), "YANTA_ADDRESS": f"http://127.0.0.1:{port}",
        "YANTA_SSO_HTTP_LOOPBACK": "1", "DOORS_PORTS": json.dumps(ports),
    }  # fmt: skip
    made = Campus(environ["YANTA_ADDRESS"], ports, environ)
    made.yanta("manage", "shell", "-c", Path(__file__).with_name("school.py").read_text("utf-8"))
    with running(
        [*YANTA, "serve", "--port", str(port), "--workers", "1", "--with-work"],
        environ,
        f"{made.address}/healthz",
    ):
        yield made


@contextmanager
def running(command: list[str], environ: dict[str, str], url: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program of its own for as long as this lasts."""
    process = subprocess.Popen(command, env=environ)
    try:
        wait_until_answered(url, process)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


class Browser:
    """Follows redirects from one host to the next and signs in where it is asked to."""

    def __init__(self, login: str = LOGIN, password: str = PASSWORD) -> None:
        self.http = httpx.Client(follow_redirects=False, timeout=30)
        self.login, self.password = login, password
        self.seen: list[str] = []

    def open(self, url: str, *, until: str = "") -> httpx.Response:
        """The page at the end of all redirects; `until` stops before an address that nobody answers."""
        answer = self.http.get(url)
        return self._followed(answer, until)

    def _followed(self, answer: httpx.Response, until: str) -> httpx.Response:
        for _ in range(20):
            self.seen.append(str(answer.url))
            if answer.is_redirect:
                onward = urljoin(str(answer.url), answer.headers["location"])
                if until and onward.startswith(until):
                    return answer
                answer = self.http.get(onward)
            elif "data-sign-in" in answer.text:
                answer = self._signed_in(answer)
            else:
                return answer
        raise AssertionError(f"going round in circles: {self.seen[-6:]}")

    def _signed_in(self, page: httpx.Response) -> httpx.Response:
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        typed = {name: html.unescape(value) for name, value in fields.items()}
        return self.http.post(
            urljoin(str(page.url), "/sign-in/"), data={**typed, "login": self.login, "password": self.password},
            headers={"Referer": str(page.url)},
        )  # fmt: skip

    def where(self, url: str, *, until: str) -> str:
        """The address of an application that the browser is sent to."""
        answer = self.open(url, until=until)
        assert answer.is_redirect, answer.text[:1500]
        return urljoin(str(answer.url), answer.headers["location"])


def way_out(browser: Browser, school: Campus) -> httpx.Response:
    """Signs out here and presses the button that leads out there."""
    page = browser.open(f"{school.address}/account/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token, page.text[:1500]
    left = browser.http.post(
        f"{school.address}/sign-out/",
        data={"csrfmiddlewaretoken": token[1]},
        headers={"Referer": str(page.url)},
    )
    after = browser.http.get(urljoin(school.address, left.headers["location"])).text
    button = re.search(r'href="(/partners/[^"]+/leave[^"]+)"', after)
    assert button, after[:1500]
    return browser.http.get(urljoin(school.address, html.unescape(button[1])))


def eventually(true: Callable[[], bool], what: str) -> None:
    """The worker tells applications within seconds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if true():
            return
        time.sleep(0.3)
    raise AssertionError(f"not within {PATIENCE_SECONDS} s: {what}")
