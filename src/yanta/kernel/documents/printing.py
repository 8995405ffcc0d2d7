"""Word and Excel to PDF/A by LibreOffice: many files to one run, a profile of its own for each run, an end to runs that hang."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

ABSENT = "服务器上没有安装 LibreOffice，只能下载 Word 或 Excel 原件，请联系信息中心安装"
PER_RUN, AT_ONCE = 100, 2
START_SECONDS, SECONDS_PER_FILE = 60, 6
Picture = Literal["png", "gray"]
_FILTERS = {
    "docx": 'pdf:writer_pdf_Export:{"SelectPdfVersion":{"type":"long","value":"2"}}',
    "xlsx": 'pdf:calc_pdf_Export:{"SelectPdfVersion":{"type":"long","value":"2"}}',
}


@dataclass(slots=True)
class Printed:
    """PDFs by name, and for every other name why there is none."""

    pdfs: dict[str, bytes] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


def is_available() -> bool:
    return program() is not None


def program() -> str | None:
    return shutil.which("soffice") or shutil.which("libreoffice")


def to_pdf(
    files: Mapping[str, tuple[str, bytes]], *, seconds: int = 0, told: Callable[[int], None] | None = None
) -> Printed:
    """Files by name, each its kind and content; `seconds` limits one run, else it follows from the number of files.

    Runs stand side by side where there are several; `told` hears after each how many files are through.
    """
    printed = Printed()
    if not is_available():
        printed.failures = dict.fromkeys(files, ABSENT)
        return printed
    runs = []
    for kind in _FILTERS:
        names = [name for name, (one, _) in files.items() if one == kind]
        for start in range(0, len(names), PER_RUN):
            runs.append((kind, {name: files[name][1] for name in names[start : start + PER_RUN]}))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for found in as_completed([pool.submit(_run, kind, some, seconds) for kind, some in runs]):
            printed.pdfs.update(found.result().pdfs)
            printed.failures.update(found.result().failures)
            if told is not None:
                told(len(printed.pdfs) + len(printed.failures))
    return printed


def _run(kind: str, files: dict[str, bytes], seconds: int) -> Printed:
    """One start of the program. What a hanging run has not printed is tried once more, each by itself."""
    done, hung = _printed(kind, files, seconds)
    printed = Printed(done)
    rest = {name: content for name, content in files.items() if name not in done}
    for name, content in rest.items():
        if len(files) > 1:
            again = _run(kind, {name: content}, seconds)
            printed.pdfs.update(again.pdfs)
            printed.failures.update(again.failures)
        else:
            printed.failures[name] = "转换超时，已停止" if hung else "LibreOffice 打不开这个文件"
    return printed


def _printed(kind: str, files: dict[str, bytes], seconds: int) -> tuple[dict[str, bytes], bool]:
    with tempfile.TemporaryDirectory(prefix="yanta-print-") as folder:
        place = Path(folder)
        paths = {name: place / f"{number}.{kind}" for number, name in enumerate(files)}
        for name, path in paths.items():
            path.write_bytes(files[name])
        hung = _convert(
            place, kind, list(paths.values()), seconds or START_SECONDS + SECONDS_PER_FILE * len(files)
        )
        made = {name: path.with_suffix(".pdf") for name, path in paths.items()}
        return {name: path.read_bytes() for name, path in made.items() if path.exists()}, hung


def _convert(place: Path, kind: str, paths: list[Path], seconds: int) -> bool:
    """Whether it had to be stopped; the whole group ends, for the program leaves children behind."""
    command = [
        program() or "soffice", "--headless", "--norestore", f"-env:UserInstallation=file://{place}/profile",
        "--convert-to", _FILTERS[kind], "--outdir", str(place), *map(str, paths),
    ]  # fmt: skip
    environment = {key: os.environ[key] for key in ("PATH", "LANG", "TMPDIR") if key in os.environ} | {
        "HOME": str(place)
    }
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, start_new_session=True
    ) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return True
    return False


def pages(pdf: bytes, *, dpi: int = 60, limit: int = 0, kind: Picture = "png") -> Iterator[bytes]:
    """The pages of a PDF as PNG, or grey and unpacked in half the time, where poppler is installed; else none."""
    if shutil.which("pdftoppm") is None:
        return
    with tempfile.TemporaryDirectory(prefix="yanta-pages-") as folder:
        source = Path(folder, "a.pdf")
        source.write_bytes(pdf)
        some = ["-l", str(limit)] if limit else []
        subprocess.run(
            ["pdftoppm", "-r", str(dpi), f"-{kind}", *some, str(source), str(Path(folder, "p"))],
            check=False, timeout=120, capture_output=True,
        )  # fmt: skip
        for page in sorted(Path(folder).glob("p*")):
            yield page.read_bytes()
