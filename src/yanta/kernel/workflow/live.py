"""Runs of this process, kept for the next action: rebuilding one from its journal costs a millisecond or two."""

from __future__ import annotations

from collections import OrderedDict

from django.db import transaction

from yanta.kernel.workflow.drawing import Drawing
from yanta.kernel.workflow.models import Instance
from yanta.kernel.workflow.tokens import Decide, Run

RUNS_KEPT = 500
_kept: OrderedDict[int, Run] = OrderedDict()


def taken(instance: Instance, drawing: Drawing, decide: Decide) -> Run:
    """The run of this journal. A kept one is taken out, so that a failed action leaves nothing half done behind."""
    run = _kept.pop(instance.pk, None)
    if run is not None and run.journal == instance.journal and run.drawing is drawing:
        run.decide_by(decide)
        return run
    return Run(drawing, decide, instance.journal)


def _nobody(text: str) -> None:
    raise LookupError(text)


def keep(instance_id: int, run: Run) -> None:
    """Once the transaction has committed; the journal tells the next taker whether it is still true."""
    transaction.on_commit(lambda: _keep(instance_id, run))


def _keep(instance_id: int, run: Run) -> None:
    run.decide_by(_nobody)
    _kept[instance_id] = run
    while len(_kept) > RUNS_KEPT:
        _kept.popitem(last=False)
