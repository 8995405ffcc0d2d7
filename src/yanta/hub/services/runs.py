"""Data runs: from a folder of files to a receipt."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from yanta.hub import engine, pipeline
from yanta.hub.intake.mapping import MappingStore
from yanta.hub.intake.proposal import sample_columns
from yanta.hub.merging.authority import read_authority
from yanta.hub.models import Mapping, Run
from yanta.hub.storing import loading, mappings, memory
from yanta.hub.storing.delivery import Delivery
from yanta.kernel import search
from yanta.kernel.base import Actor, Refused, ciphers
from yanta.kernel.base.texts import masked
from yanta.kernel.people.models import Person
from yanta.kernel.people.services import name_sounds
from yanta.masterdata.models import StaffMember, Student

Step = Callable[[int, int, str], None]


def quiet(done: int, total: int, text: str) -> None:
    """Progress that nobody watches."""


def intake(
    folder: Path, *, actor: Actor, title: str = "", accept_mapping: bool = False, step: Step = quiet,
    seen: Callable[[Delivery], None] | None = None,
) -> Run:  # fmt: skip
    """Take the files of a folder in; running it again changes nothing, killing it harms nothing."""
    if not folder.is_dir():
        raise Refused(f"没有这个目录：{folder}")
    with loading.only_run():
        now = timezone.now()
        loading.bury_the_dead(now)
        mappings.ensure_sources()
        mappings.ensure_authority(read_authority(pipeline.find_authority(folder)))
        run = Run.objects.create(
            title=title or f"数据接入 {folder.name}", folder=str(folder), digest=_digest(folder),
            engine_version=engine.VERSION, started_by=actor.signature, started_at=now,
        )  # fmt: skip
        _carry_out(run, folder, actor=actor, accept_mapping=accept_mapping, step=step, seen=seen)
    return run


def _digest(folder: Path) -> str:
    """What was delivered, whatever the folder is called."""
    parts = [path.name.encode() + ciphers.sm3(path.read_bytes()) for path in pipeline.roster_files(folder)]
    return ciphers.sm3_hex(b"".join(parts))


def _carry_out(
    run: Run,
    folder: Path,
    *,
    actor: Actor,
    accept_mapping: bool,
    step: Step,
    seen: Callable[[Delivery], None] | None,
) -> None:
    def found(recall: engine.Recall) -> Delivery:
        store: MappingStore = mappings.DatabaseStore()
        return engine.run(folder, store=store, recall=recall, accept_mapping=accept_mapping, step=step)

    try:
        delivery = follow(run, found, actor=actor, step=step)
    except pipeline.UnconfirmedError as waiting:
        _propose(run, waiting)
    else:
        if seen is not None:
            seen(delivery)


def follow(run: Run, find: Callable[[engine.Recall], Delivery], *, actor: Actor, step: Step) -> Delivery:
    """Find, load, tell; whatever goes wrong leaves the run marked and the data untouched."""
    remembered: dict[int, int] = {}

    def recall(lines: list[engine.Line], delivered: set[str]) -> engine.Memory:
        found = memory.recall(lines, delivered)
        remembered.update({row["row_id"]: -row["row_id"] for row in found.rows})
        return found

    try:
        delivery = find(recall)
        step(engine.STEPS, engine.STEPS, "入库与对账")
        loaded = loading.load(run, delivery, actor=actor, remembered=remembered)
    except pipeline.UnconfirmedError:
        raise
    except BaseException as error:
        _fail(run, error)
        raise
    _refresh_search(sorted(loaded.touched))
    return delivery


def _refresh_search(people: list[int]) -> None:
    """Rows were written past `save()`: the people, and what is named after them."""
    name_sounds(people)
    search.refresh(Person, people)
    for model in (Student, StaffMember):
        search.refresh(model, model.objects.filter(person_id__in=people).values_list("pk", flat=True))


def _propose(run: Run, waiting: pipeline.UnconfirmedError) -> None:
    """The layouts that a person must look at wait in the mapping list."""
    for one in waiting.planned:
        if not one.mapping.confirmed:
            mappings.keep(
                one.mapping, status=Mapping.Status.PROPOSED, file_name=f"{one.grid.file} {one.grid.sheet}".strip(),
                samples=_samples(one),
            )  # fmt: skip
    run.state, run.ended_at = Run.State.PROPOSED, timezone.now()
    run.save()


def _samples(one: pipeline.Planned, most: int = 3) -> dict[str, list[str]]:
    """A few values of each column, long numbers masked: enough to recognise a column, nothing to take away."""
    columns = sample_columns(one.grid, one.layout)
    return {
        str(place): [_LONG_NUMBER.sub(lambda found: masked(found[0]), value) for value in values if value][
            :most
        ]
        for place, values in enumerate(columns)
    }


_LONG_NUMBER = re.compile(r"[0-9Xx]{7,}")


def _fail(run: Run, error: BaseException) -> None:
    run.state, run.ended_at = Run.State.FAILED, timezone.now()
    run.failure = (
        error.message if isinstance(error, Refused) else f"程序出错：{type(error).__name__}，未写入任何数据"
    )
    run.save()


def inbox() -> Path:
    """Where files that came through the screens wait."""
    return Path(settings.HOME) / "intake"
