"""`yanta messages`: texts to translate, collected from Python and templates; catalogues compiled."""

from pathlib import Path

import click

from yanta.config import environment

LOCALE = environment.PACKAGE / "locale"
# Tables of words to recognise and made-up data are no texts of the product.
_NO_TEXTS = (
    "tests",
    "migrations",
    "demo",
    "cleaning",
    "intake",
    "matching",
    "samples",
    "data",
    "patterns",
    "bench",
)
_METHODS = [
    *((f"**/{folder}/**.py", "ignore") for folder in _NO_TEXTS),
    ("**/demo.py", "ignore"),
    ("config/cli/**.py", "ignore"),
    ("kernel/portal/parts.py", "ignore"),
    ("**/templates/portal/parts.html", "ignore"),
    ("kernel/search/tokens.py", "ignore"),
    ("**/templates/**.html", "yanta.kernel.portal.extraction:template_texts"),
    ("**/templates/**.txt", "yanta.kernel.portal.extraction:template_texts"),
    ("**/processes/**.bpmn", "yanta.kernel.portal.extraction:drawing_names"),
    ("**.py", "yanta.kernel.portal.extraction:python_labels"),
]
# A translator's comment on a text that the sources put together, so that no collecting finds it.
COMPOSED = "composed"
_KEYWORDS = {"gettext": None, "ngettext": (1, 2)}


@click.command()
@click.option("--compile", "only_compile", is_flag=True, help="Only write the binary catalogues.")
def messages(only_compile: bool) -> None:
    """Collect the texts into the English catalogue, or compile the catalogues."""
    if not only_compile:
        click.echo(f"{collect(LOCALE / 'en' / 'LC_MESSAGES' / 'django.po')} texts")
    for source in sorted(environment.PACKAGE.rglob("*.po")):
        compile_catalogue(source)


def collect(target: Path) -> int:
    """Bring a catalogue up to date with the sources; keeps every translation there is."""
    from babel.messages.catalog import Catalog
    from babel.messages.extract import extract_from_dir
    from babel.messages.pofile import read_po, write_po

    found = Catalog(project="yanta", charset="utf-8")
    rows = extract_from_dir(environment.PACKAGE, _METHODS, keywords=_KEYWORDS)
    for filename, _, message, comments, context in rows:
        found.add(message, locations=[(filename, 0)], auto_comments=comments, context=context)
    kept = Catalog(locale="en", charset="utf-8")
    if target.exists():
        with target.open("rb") as stream:
            kept = read_po(stream, locale="en")
    kept.update(found, no_fuzzy_matching=True)
    for gone in list(kept.obsolete.values()):
        if COMPOSED in gone.user_comments:
            kept[gone.id] = gone
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as stream:
        write_po(stream, kept, width=110, omit_header=False, include_lineno=False, ignore_obsolete=True)
    return len(kept)


def compile_catalogue(source: Path) -> None:
    """Write the binary catalogue beside its source."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with source.open("rb") as stream:
        catalogue = read_po(stream)
    with source.with_suffix(".mo").open("wb") as stream:
        write_mo(stream, catalogue)
