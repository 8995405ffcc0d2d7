"""What was said of a matter, step by step, as its form wants it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.utils import timezone

from yanta.kernel.documents import Opinion
from yanta.kernel.files import open_file
from yanta.kernel.files.models import StoredFile
from yanta.kernel.workflow import Verb
from yanta.kernel.workflow.models import Instance, Step, WorkItem

SIGNATURE = "person.signature"
# What stands in the cell where somebody agreed without a word.
AGREED = "同意"


def given(instance: Instance) -> list[Opinion]:
    """One for each step of people: the last round of it, for whatever was returned was decided anew."""
    rounds: dict[str, list[WorkItem]] = {}
    done = instance.items.filter(state=WorkItem.State.DONE, verdict=Verb.APPROVE.value)
    for item in (
        done.exclude(kind=WorkItem.Kind.RESUBMIT).select_related("person", "for_person").order_by("serial")
    ):
        here = rounds.setdefault(item.node, [])
        if here and here[-1].round != item.round:
            here.clear()
        here.append(item)
    said = {
        one.item: one.opinion
        for one in Step.objects.filter(instance=instance, verb=Verb.APPROVE).order_by("number")
    }
    pictures = signatures_of(
        {item.person_id for items in rounds.values() for item in items if item.person_id}
    )
    return [_one(items, said, pictures) for items in rounds.values()]


def _one(items: list[WorkItem], said: dict[int | None, str], pictures: dict[int, bytes]) -> Opinion:
    """Of a countersign every voice with its name; the signature of one who decided alone."""
    last = items[-1]
    on = timezone.localdate(last.acted_at) if last.acted_at else None
    words = [(said.get(one.serial) or AGREED, _name(one)) for one in items]
    if len(items) == 1:
        text, name = words[0]
        picture = pictures.get(last.person_id or 0)
        return Opinion(last.node_title, text, name, on, picture, last.node)
    text = "\n".join(f"{text}（{name}）" for text, name in words)
    return Opinion(
        last.node_title, text, "、".join(dict.fromkeys(name for _, name in words)), on, None, last.node
    )


def _name(item: WorkItem) -> str:
    name = item.person.name if item.person else ""
    stands_in = item.for_person is not None and item.for_person_id != item.person_id
    return f"{name}（代 {item.for_person.name}）" if stands_in and item.for_person else name


def signatures_of(people: Collection[int]) -> dict[int, bytes]:
    """The pictures that people keep for this, the newest of each."""
    files: Iterable[StoredFile] = StoredFile.objects.filter(
        purpose=SIGNATURE, owner__in=people, expires_at=None
    ).order_by("pk")
    found = {}
    for person, file in {file.owner_id: file for file in files if file.owner_id}.items():
        with open_file(file) as content:
            found[person] = content.read()
    return found
