"""FreeRADIUS of the distribution with the files that the school writes, and clients that come to it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.doors.apache import NotToBeHad, unpack
from tests.doors.saml_peers import Files
from yanta.kernel.testing.processes import free_port

PACKAGES = ("freeradius", "freeradius-config", "freeradius-rest", "freeradius-utils", "eapoltest")
SHARED = "testing123"
STARTS_WITHIN = 60


def _found(name: str, *roots: Path) -> Path:
    for root in roots:
        for folder in ("usr/bin", "usr/sbin"):
            if os.access(root / folder / name, os.X_OK):
                return root / folder / name
    raise NotToBeHad(f"no {name}")


@dataclass(frozen=True, slots=True)
class Radius:
    """A server that listens on loopback, and the programs that ask it."""

    port: int
    folder: Path
    radtest_tool: Path
    eapol_tool: Path
    environ: dict[str, str]

    def radtest(self, name: str, password: str, *, method: str = "pap") -> tuple[str, dict[str, str]]:
        """What the server answered to a plain request, and its attributes."""
        done = subprocess.run(
            [str(self.radtest_tool), "-t", method, name, password, f"127.0.0.1:{self.port}", "0", SHARED],
            env=self.environ, capture_output=True, text=True, check=False, timeout=90,
        )  # fmt: skip
        answer = re.search(r"Received (Access-\w+)", done.stdout)
        attributes = re.findall(
            r"^\t([\w-]+)(?::0)? = (.+)$", done.stdout.partition("Received")[2], re.MULTILINE
        )
        return answer[1] if answer else done.stdout + done.stderr, {
            key: value.strip('"') for key, value in attributes
        }

    def eapol(self, name: str, password: str, certificate: str, *, method: str = "TTLS", inner: str = "auth=PAP") -> tuple[bool, str]:  # fmt: skip
        """Whether a device gets onto the network by EAP, and all that was said."""
        conf = self.folder / "eapol.conf"
        conf.write_text(
            f'network={{\nkey_mgmt=WPA-EAP\neap={method}\nidentity="{name}"\nanonymous_identity="anonymous@campus.example"\n'
            f'password="{password}"\nphase2="{inner}"\nca_cert="{certificate}"\n}}\n', "utf-8",
        )  # fmt: skip
        done = subprocess.run(
            [
                str(self.eapol_tool), "-c", str(conf), "-a", "127.0.0.1", "-p", str(self.port), "-s", SHARED, "-t", "30",
                "-M", "02:00:00:00:00:17",
            ],
            env=self.environ, capture_output=True, text=True, check=False, timeout=90,
        )  # fmt: skip
        return done.stdout.rstrip().endswith("SUCCESS"), done.stdout


@contextmanager
def serving(cache: Path, folder: Path, files: Mapping[str, str], certificate: Files) -> Iterator[Radius]:
    """The distribution's own configuration with the school's files in the places that they name."""
    roots = _roots(cache)
    server = _found("freeradius", *roots)
    made = Radius(
        free_port(), folder, _found("radtest", *roots), _found("eapol_test", *roots), _environ(roots)
    )
    _configured(made, roots, files, certificate)
    process = subprocess.Popen(
        [str(server), "-f", "-l", str(folder / "radius.log"), "-d", str(folder / "raddb")], env=made.environ
    )
    try:
        _wait_for_log(folder / "radius.log", process)
        yield made
    finally:
        process.terminate()
        process.wait(30)


def _roots(cache: Path) -> tuple[Path, ...]:
    """The system and the cache, into which the distribution's packages are unpacked where something is missing."""
    roots = (Path("/"), cache)
    try:
        for name in ("freeradius", "radtest", "eapol_test"):
            _found(name, *roots)
    except NotToBeHad:
        unpack(cache, PACKAGES)
    if not any((root / "usr/lib/freeradius/rlm_rest.so").is_file() for root in roots):
        unpack(cache, ("freeradius-rest",))
    if not any((root / "etc/freeradius/3.0/radiusd.conf").is_file() for root in roots):
        raise NotToBeHad("no readable configuration of FreeRADIUS 3")
    return roots


def _environ(roots: tuple[Path, ...]) -> dict[str, str]:
    folders = [str(root / "usr" / part) for root in roots for part in ("bin", "sbin")]
    libraries = [
        str(roots[1] / part)
        for part in ("usr/lib/freeradius", "usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu")
    ]
    path = os.pathsep.join([*folders, os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path, "LD_LIBRARY_PATH": os.pathsep.join(libraries)}  # fmt: skip


def _configured(made: Radius, roots: tuple[Path, ...], files: Mapping[str, str], certificate: Files) -> None:
    raddb, modules = made.folder / "raddb", made.folder / "modules"
    source = next(
        root / "etc/freeradius/3.0" for root in roots if (root / "etc/freeradius/3.0/radiusd.conf").is_file()
    )
    shutil.copytree(source, raddb, symlinks=True)
    modules.mkdir()
    for root in roots:
        for library in (root / "usr/lib/freeradius").glob("*.so"):
            if not (modules / library.name).exists():
                (modules / library.name).symlink_to(library)
    for site in (raddb / "sites-enabled").iterdir():
        site.unlink()
    main = (raddb / "radiusd.conf").read_text("utf-8")
    for name, value in (
        ("raddbdir", raddb),
        ("logdir", made.folder),
        ("run_dir", made.folder),
        ("libdir", modules),
    ):
        main = re.sub(rf"^{name} = .*$", f"{name} = {value}", main, flags=re.MULTILINE)
    main = re.sub(r"^\s+(user|group) = freerad$", "", main, flags=re.MULTILINE)
    (raddb / "radiusd.conf").write_text(main, "utf-8")
    shutil.copy(certificate.certificate, raddb / "certs/server.pem")
    shutil.copy(certificate.key, raddb / "certs/server.key")
    for path, text in files.items():
        (raddb / path).unlink(missing_ok=True)
        (raddb / path).write_text(
            text.replace("ipaddr = *", "ipaddr = 127.0.0.1").replace("port = 1812", f"port = {made.port}"),
            "utf-8",
        )


def _wait_for_log(path: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        said = path.read_text("utf-8", "replace") if path.is_file() else ""
        assert process.poll() is None, said[-3000:]
        if "Ready to process requests" in said:
            return
        time.sleep(0.2)
    raise AssertionError("FreeRADIUS does not get ready")
