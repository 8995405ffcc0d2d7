"""The library's register of triggers, with an index.

It looks through all triggers at each new one for a name that is taken; with twelve hundred of them that was a good part
of every start. What it refuses stays the same.
"""

from __future__ import annotations

from typing import Any

from pgtrigger import registry


class Indexed(registry._Registry):
    """The same register; the two questions that it asks at each new trigger are answered from what it holds ready."""

    def __init__(self, held: dict[str, Any]) -> None:
        super().__init__()
        self.data.update(held)
        self.functions = {trigger.get_pgid(model): uri for uri, (model, trigger) in held.items()}
        self.tables = {(model._meta.db_table, trigger.name): trigger for model, trigger in held.values()}

    @property
    def pg_function_names(self) -> Any:
        """The names of the functions in the database, of all that is registered."""
        return self.functions.keys()

    @property
    def by_db_table(self) -> Any:
        """The triggers by table and name."""
        return self.tables

    def __setitem__(self, uri: str, value: Any) -> None:
        super().__setitem__(uri, value)
        model, trigger = value
        self.functions[trigger.get_pgid(model)] = uri
        self.tables[model._meta.db_table, trigger.name] = trigger

    def __delitem__(self, uri: str) -> None:
        model, trigger = self[uri]
        super().__delitem__(uri)
        del self.functions[trigger.get_pgid(model)], self.tables[model._meta.db_table, trigger.name]


def index() -> None:
    """Put the register with the index in the place of the library's."""
    registry._registry = Indexed(registry._registry.data)
