"""What the installation is told by its environment: `YANTA_…` variables and the folder it may write."""

import os
import secrets
import time
from datetime import timedelta
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def text(name: str, default: str = "") -> str:
    """The value of `YANTA_<name>`."""
    return os.environ.get(f"YANTA_{name}", default).strip()


def flag(name: str, *, default: bool = False) -> bool:
    """Whether `YANTA_<name>` says yes."""
    value = text(name).lower()
    return value in {"1", "true", "yes", "on"} if value else default


def number(name: str, default: int) -> int:
    """`YANTA_<name>` as a whole number."""
    return int(text(name) or default)


def listed(name: str, default: str = "") -> list[str]:
    """`YANTA_<name>` split at its commas."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def checkout() -> Path | None:
    """The root of the clone this code runs from; None when installed from a wheel."""
    root = PACKAGE.parent.parent
    return root if (root / "pyproject.toml").is_file() else None


def home() -> Path:
    """The one folder Yanta writes to: cluster, uploaded files, keys, logs."""
    chosen = text("HOME")
    return Path(chosen).resolve() if chosen else (checkout() or Path.cwd()) / "var"


def secret_key() -> str:
    """`YANTA_SECRET_KEY`, or a key of this installation, made once and kept beside its data."""
    given = text("SECRET_KEY")
    return given or kept_secret("secret-key")


SECRET_OVERLAP = timedelta(days=35)
_SECRET = "secret-key"  # noqa: S105 - the name of a file


def secret_key_fallbacks() -> list[str]:
    """Keys whose signatures count beside the present one's: the next, and those of the last five weeks."""
    if text("SECRET_KEY"):
        return listed("SECRET_KEY_FALLBACKS")
    since = time.time() - SECRET_OVERLAP.total_seconds()
    former = [path for path in home().glob(f"{_SECRET}.former-*") if _ended_at(path) > since]
    kept = [path.read_text(encoding="ascii").strip() for path in sorted(former, key=_ended_at, reverse=True)]
    return [kept_secret(f"{_SECRET}.next"), *kept]


def rotate_secret_key() -> None:
    """The next key, which every running process accepts already, signs from now on; killed in between, no key is lost."""
    now, present = time.time(), home() / _SECRET
    kept_secret(_SECRET), kept_secret(f"{_SECRET}.next")
    os.link(present, home() / f"{_SECRET}.former-{now:.0f}")
    os.replace(home() / f"{_SECRET}.next", present)
    os.utime(present, (now, now))
    kept_secret(f"{_SECRET}.next")
    for path in home().glob(f"{_SECRET}.former-*"):
        if _ended_at(path) <= now - SECRET_OVERLAP.total_seconds():
            path.unlink()


def _ended_at(path: Path) -> int:
    return int(path.name.rpartition("-")[2])


def kept_secret(name: str) -> str:
    """A random secret in the home folder, made on first use; concurrent first uses agree."""
    path = home() / name
    if not path.exists():
        home().mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48), encoding="ascii")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()
