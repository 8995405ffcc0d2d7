"""Which forms are whose, who is on a list, what was applied for and what was decided."""

from yanta.systems.paperwork.queries.asking import (
    Asked,
    edition_called,
    for_person,
    in_force,
    numbers_of,
    people_asked,
)

__all__ = ["Asked", "edition_called", "for_person", "in_force", "numbers_of", "people_asked"]
