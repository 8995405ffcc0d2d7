"""`yanta new-system NAME`: the starting files of a system, which work as they are."""

import re
import sys
from pathlib import Path

import click

from yanta.config import environment

PATTERNS = Path(__file__).with_name("patterns")


@click.command("new-system")
@click.argument("name")
@click.option("--title", default="", help="Its name on screen; default: the name itself.")
@click.option("--area", default="平台", help="The area of the menu it stands in.")
@click.option("--owner", default="信息中心", help="The department that answers for its data.")
def new_system(name: str, title: str, area: str, owner: str) -> None:
    """Write the starting files of a system and add it to the installed ones."""
    refusal = refusal_reason(name)
    if refusal:
        click.echo(refusal, err=True)
        sys.exit(2)
    words = words_for(name, title=title, area=area, owner=owner)
    for path in write(environment.PACKAGE / "systems" / name, words):
        click.echo(path.relative_to(environment.PACKAGE))
    install(name, environment.PACKAGE / "config" / "systems.py")
    click.echo(f"next: yanta manage makemigrations {name} --name first && yanta migrate && yanta show {name}")


def refusal_reason(name: str) -> str | None:
    """Why this cannot be a system's name, or None."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        return f"{name!r}: a short plural or mass noun in lower-case English, such as awards or timetabling"
    if (environment.PACKAGE / "systems" / name).exists():
        return f"there is a system {name} already"
    return None


def words_for(name: str, *, title: str, area: str, owner: str) -> dict[str, str]:
    """What the patterns are filled with."""
    noun = name.removesuffix("s") or name
    return {
        "name": name,
        "title": title or name,
        "area": area,
        "owner": owner,
        "noun": noun,
        "Noun": "".join(part.capitalize() for part in noun.split("_")),
        "System": "".join(part.capitalize() for part in name.split("_")),
    }


def write(folder: Path, words: dict[str, str]) -> list[Path]:
    """Fill every pattern; returns what was written."""
    made = []
    for pattern in sorted(PATTERNS.rglob("*.txt")):
        target = folder / pattern.relative_to(PATTERNS).with_suffix("")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_fill(pattern.read_text(encoding="utf-8"), words), encoding="utf-8")
        made.append(target)
    return made


def install(name: str, listing: Path) -> None:
    """One more line in the list of installed systems, in its alphabetical place."""
    text = listing.read_text(encoding="utf-8")
    lines = sorted({*re.findall(r'    "yanta\.systems\.\w+",\n', text), f'    "yanta.systems.{name}",\n'})
    kept = re.sub(r'    "yanta\.systems\.\w+",\n', "", text)
    marker = '    "yanta.hub",\n'
    listing.write_text(kept.replace(marker, marker + "".join(lines)), encoding="utf-8")


def _fill(pattern: str, words: dict[str, str]) -> str:
    return re.sub(r"<<(\w+)>>", lambda found: words[found[1]], pattern)
