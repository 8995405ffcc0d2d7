"""A process that loads a delivery and is killed at a named point: `python -m yanta.hub.tests.killed POINT`."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any, Never


def die(*_: Any, **__: Any) -> Never:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def main(point: str) -> None:
    import django

    django.setup()
    from django.db import transaction

    from yanta.hub.storing import loading, persons, receipts, records, roles, values
    from yanta.hub.tests import deliveries

    modules = {"persons": persons, "values": values, "records": records, "roles": roles, "receipts": receipts}
    module, _, name = point.partition(".")
    if module == "commit":
        transaction.Atomic.__exit__ = die
    else:
        setattr(modules[module], name, die)
    with loading.only_run():
        deliveries.take(deliveries.lines())


if __name__ == "__main__":
    main(sys.argv[1])
