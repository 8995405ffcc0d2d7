"""Apache with the modules of the distribution: an instance of its own, never the system's service."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.doors.campus import running

PACKAGES = (
    "apache2-bin",
    "libapache2-mod-auth-cas",
    "libapache2-mod-auth-openidc",
    "libapache2-mod-auth-mellon",
)
DOORS = ("auth_cas", "auth_openidc", "auth_mellon")
MODULES = (
    "mpm_event", "authn_core", "authz_core", "authz_user", "headers", "alias", "dir",
)  # fmt: skip


class NotToBeHad(Exception):  # noqa: N818 - why a test is skipped, not an error of it
    """The reason, in words."""


@dataclass(frozen=True, slots=True)
class Apache:
    """The binary, its modules and where their libraries are."""

    binary: Path
    modules: Path
    libraries: tuple[Path, ...]

    @contextmanager
    def serving(self, port: int, configuration: str, *, by: str) -> Iterator[None]:
        """One instance with one of the modules, whose only pages are `open.html` and `in/index.html`."""
        with tempfile.TemporaryDirectory(prefix="yanta-doors-") as name:
            folder = Path(name)
            folder.chmod(0o755)
            for page in ("pages/open.html", "pages/in/index.html"):
                (folder / page).parent.mkdir(parents=True, exist_ok=True)
                (folder / page).write_text("inside\n", "utf-8")
            # mod_auth_cas takes every file beside its own for one of them, so it has a folder to itself.
            for kept in (folder / "kept", folder / "kept" / "cas"):
                kept.mkdir()
                kept.chmod(0o777)
            (folder / "httpd.conf").write_text(self._configured(folder, port, configuration, by), "utf-8")
            command = [str(self.binary), "-X", "-f", str(folder / "httpd.conf")]
            environ = {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, self.libraries))}
            with running(command, environ, f"http://127.0.0.1:{port}/open.html"):
                yield

    def _configured(self, folder: Path, port: int, configuration: str, by: str) -> str:
        loaded = "\n".join(
            f"LoadModule {name}_module {self.modules}/mod_{name}.so" for name in (*MODULES, by)
        )
        owner = pwd.getpwuid(os.geteuid()).pw_name
        user = "User nobody\nGroup nogroup" if owner == "root" else ""
        return (
            f"{loaded}\n{user}\nServerRoot {folder}\nServerName 127.0.0.1\nListen 127.0.0.1:{port}\nPidFile {folder}/pid\n"
            f"ErrorLog {folder}/kept/error.log\nLogLevel warn\nMutex file:{folder}/kept\n"
            f'DocumentRoot {folder}/pages\nDirectoryIndex index.html\n<Directory {folder}/pages>\nRequire all granted\n</Directory>\n'
            f"{configuration.format(kept=folder / 'kept')}\n"
        )  # fmt: skip


def apache_in(cache: Path) -> Apache:
    """The system's Apache if it has all our modules, else the packages unpacked into `cache`."""
    for root in (Path("/"), cache):
        modules = root / "usr/lib/apache2/modules"
        if (
            all((modules / f"mod_{name}.so").is_file() for name in (*MODULES, *DOORS))
            and (root / "usr/sbin/apache2").is_file()
        ):
            libraries = (
                root / "usr/lib/x86_64-linux-gnu",
                root / "usr/lib/aarch64-linux-gnu",
                root / "lib/x86_64-linux-gnu",
            )
            return Apache(root / "usr/sbin/apache2", modules, libraries if root != Path("/") else ())
    unpack(cache, PACKAGES)
    return (
        apache_in(cache) if (cache / "usr/sbin/apache2").is_file() else _none("the packages hold no Apache")
    )


def _none(reason: str) -> Apache:
    raise NotToBeHad(reason)


def unpack(cache: Path, packages: Sequence[str]) -> None:
    """Needs no rights and starts nothing: packages are fetched and unpacked, not installed."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise NotToBeHad("no apt-get on this machine")
    planned = _run("apt-get", "install", "--simulate", "--no-install-recommends", *packages)
    names = [line.split()[1] for line in planned.splitlines() if line.startswith("Inst ")]
    with tempfile.TemporaryDirectory(prefix="yanta-debs-") as folder:
        _run("apt-get", "download", *{*names, *packages}, cwd=folder)
        cache.mkdir(parents=True, exist_ok=True)
        for package in Path(folder).glob("*.deb"):
            _run("dpkg-deb", "--extract", str(package), str(cache))


def _run(*command: str, cwd: str | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        raise NotToBeHad(f"{' '.join(command[:2])}: {(done.stderr or done.stdout).strip()[-300:]}")
    return done.stdout
