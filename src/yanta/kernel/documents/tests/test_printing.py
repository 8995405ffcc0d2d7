import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from yanta.kernel.documents import layout, open_form, printing
from yanta.kernel.documents.samples import SAMPLES, build
from yanta.kernel.documents.tests.facts import filled
from yanta.kernel.testing import archival

pytestmark = pytest.mark.django_db  # boxes are told by the code tables
SOME = ("student-registration", "scholarship", "health", "status-card", "annual-review", "transcript")
needs_office = pytest.mark.skipif(not printing.is_available(), reason="LibreOffice is not installed here")


@needs_office
def test_filled_forms_look_like_their_originals():
    files, made = {}, {}
    for key in SOME:
        sample = SAMPLES[key]
        made[key] = filled(sample, 1, courses=3)
        form = open_form(build(sample), sample.kind)
        files[f"{key} filled"] = (sample.kind, made[key].content)
        marked = layout.files_of(form, [one.slot for one in made[key].written])
        files.update({f"{key} {name}": one for name, one in marked.items()})
    printed = printing.to_pdf(files)
    assert not printed.failures
    for key in SOME:
        original = layout.original(printed.pdfs[f"{key} original"], printed.pdfs[f"{key} marked"])
        found = layout.compare(original, printed.pdfs[f"{key} filled"])
        assert found.is_same, f"{key}: {found}"
        assert archival.faults(printed.pdfs[f"{key} filled"]) == []


def test_one_original_can_be_compared_by_several_threads(monkeypatch):
    page = io.BytesIO()
    Image.effect_noise((2000, 2000), 90).save(page, "PNG")
    monkeypatch.setattr(printing, "pages", lambda *_args, **_kwargs: [page.getvalue()])
    original = layout.original(b"", b"")

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _turn: layout.compare(original, b""), range(8)))

    assert {one.share for one in found} == {0.0}


def test_where_it_is_not_installed_it_is_said(monkeypatch):
    monkeypatch.setattr(printing, "program", lambda: None)
    printed = printing.to_pdf({"a": ("docx", b"")})
    assert printed.failures == {"a": printing.ABSENT}


def test_a_run_that_hangs_is_ended(monkeypatch, tmp_path):
    hanging = tmp_path / "office"
    hanging.write_text("#!/bin/sh\nexec tail -f /dev/null\n")
    hanging.chmod(0o755)
    monkeypatch.setattr(printing, "program", lambda: str(hanging))
    printed = printing.to_pdf({"a": ("docx", b"x")}, seconds=1)
    assert printed.failures == {"a": "转换超时，已停止"}
