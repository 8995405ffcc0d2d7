"""What is no PDF/A is told, fault by fault."""

import pytest
import typst

from yanta.kernel.testing import archival


@pytest.fixture
def made(tmp_path):
    def make(**options):
        source = tmp_path / "a.typ"
        source.write_text("= Archive")
        return typst.compile(str(source), format="pdf", **options)

    return make


def test_nothing_is_wrong_with_one_for_the_archive(made):
    assert archival.faults(made(pdf_standards=["a-2b"])) == []


def test_an_ordinary_one_is_none(made):
    assert set(archival.faults(made())) >= {
        "the metadata do not say PDF/A-2",
        "no output intent with a colour profile",
    }


def test_a_font_that_stays_outside_is_named(made):
    sound = made(pdf_standards=["a-2b"])
    for name in (b"/FontFile2 ", b"/FontFile3 "):
        sound = sound.replace(name, b"/NoFile000 "[: len(name)])
    assert any(one.endswith("is not embedded") for one in archival.faults(sound))


def test_a_script_that_starts_by_itself_is_named(made):
    sound = made(pdf_standards=["a-2b"])
    assert b"/PageMode" in sound or b"/Lang" in sound
    found = sound.replace(b"/Lang", b"/AA  ", 1)
    assert "a script or an action that starts by itself" in archival.faults(found)
