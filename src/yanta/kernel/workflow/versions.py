"""Versions of drawings: those of files come by themselves, those drawn in the browser are published by a person."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from django.db import transaction
from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.workflow import declare
from yanta.kernel.workflow.bpmn.reading import MODEL
from yanta.kernel.workflow.bpmn.reading import read as read_file
from yanta.kernel.workflow.drawing import Drawing, drawing_of, read
from yanta.kernel.workflow.models import Process, Version


@dataclass(frozen=True, slots=True)
class Drawn:
    """One drawing with the files of the processes that it calls."""

    xml: str
    called: dict[str, str]

    @property
    def checksum(self) -> str:
        text = "\0".join([self.xml, *(f"{key}={xml}" for key, xml in sorted(self.called.items()))])
        return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=200)
def _file_of(key: str) -> Drawn:
    return drawn(declare.declared(key).xml)


def drawn(xml: str) -> Drawn:
    """The drawing with what it calls, as it is published today; a version keeps its own copy."""
    called: dict[str, str] = {}
    waiting = [xml]
    while waiting:
        root = read_file(waiting.pop()).root
        here = {node.get("id") for node in root.iter(f"{{{MODEL}}}process")}
        for call in root.iter(f"{{{MODEL}}}callActivity"):
            key = call.get("calledElement") or ""
            if key and key not in here and key not in called and (text := _published(key)):
                called[key] = text
                waiting.append(text)
    return Drawn(xml, called)


def _published(key: str) -> str:
    known = declare.declared()
    if key in known and known[key].file:
        return str(known[key].xml)
    found = Version.objects.filter(process__key=key, state=Version.State.CURRENT).first()
    return found.xml if found else ""


def current(key: str) -> Version:
    """The version that new matters get; a file that changed becomes a new version at its first use."""
    known = declare.declared()
    found = (
        Version.objects.filter(process__key=key, state=Version.State.CURRENT).defer("xml", "called").first()
    )
    if key in known and known[key].file and not _is_drawn_over(found):
        file = _file_of(key)
        if found is None or found.checksum != file.checksum:
            return _register(key, file)
    if found is None:
        raise Refused(f"流程“{key}”还没有发布过版本", rule="process")
    return found


def _is_drawn_over(found: Version | None) -> bool:
    """A process whose current version a person drew keeps it, until a person takes the file again."""
    return found is not None and bool(found.by_name)


def _register(key: str, file: Drawn) -> Version:
    declaration = declare.declared(key)
    with transaction.atomic():
        process, _ = Process.objects.get_or_create(
            key=key, defaults={"title": declaration.title, "base": key, "owner": declaration.owner}
        )
        Process.objects.select_for_update(no_key=True).get(pk=process.pk)
        found = Version.objects.filter(process=process, state=Version.State.CURRENT).first()
        if found is not None and found.checksum == file.checksum:
            return found
        read(file.xml, file.called)
        return _add(process, file, note="随系统发布", by_name="")


def _add(process: Process, drawing: Drawn, *, note: str, by_name: str) -> Version:
    process.versions.filter(state=Version.State.CURRENT).update(state=Version.State.RETIRED)
    last = process.versions.exclude(number=None).order_by("-number").values_list("number", flat=True).first()
    return Version.objects.create(
        process=process, number=(last or 0) + 1, state=Version.State.CURRENT, xml=drawing.xml, called=drawing.called,
        checksum=drawing.checksum, note=note, by_name=by_name, published_at=timezone.now(),
    )  # fmt: skip


def register_files() -> int:
    """Every declared file that changed since its last version; returns how many versions are new.

    Asked by whoever opens the designer, not by migrating: while that runs the old code still serves, and it must not begin
    matters in a version whose operations it does not have. For the same reason the first matter registers its own file.
    """
    before = Version.objects.count()
    for key, declaration in declare.declared().items():
        if declaration.file:
            current(key)
    return Version.objects.count() - before


def draw(key: str, title: str, *, base: str, xml: str, owner: str = "") -> Version:
    """A draft of a process; its steps may be unfinished. `base` is the declaration that brings subject and data."""
    declaration = declare.declared(base)
    process, _ = Process.objects.get_or_create(
        key=key,
        defaults={"title": title, "base": base, "owner": owner or declaration.owner, "is_drawn": key != base},
    )
    draft = process.versions.filter(state=Version.State.DRAFT).first() or Version(process=process)
    draft.xml, draft.checksum = xml, Drawn(xml, {}).checksum
    draft.save()
    return draft


def publish(draft: Version, *, actor: Actor, note: str = "") -> Version:
    """The draft becomes the version that new matters get; what runs keeps its own."""
    if draft.state != Version.State.DRAFT:
        raise Refused("只有草稿可以发布", rule="version")
    drawing = drawn(draft.xml)
    read(drawing.xml, drawing.called)
    with transaction.atomic():
        process = Process.objects.select_for_update(no_key=True).get(pk=draft.process_id)
        published = _add(process, drawing, note=note, by_name=actor.signature)
        draft.delete()
    return published


def base_of_key(key: str) -> str:
    """The declaration that a process rests on: its own, or the one it was drawn for."""
    if key in declare.declared():
        return key
    found = Process.objects.filter(key=key).values_list("base", flat=True).first()
    if found is None:
        raise LookupError(f"no process is called {key}")
    return str(found)


def drawing(key: str) -> Drawing:
    """The current version's drawing."""
    return drawing_of(current(key).pk)


def nodes_ahead(key: str) -> list[tuple[str, str]]:
    """The steps of people in the current version, in the order of the drawing."""
    return [(node.node_id, node.name) for node in drawing(key).people_nodes()]
