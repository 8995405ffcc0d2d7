"""The school's data as subjects (主题): what is kept about one kind of thing, field by field, read as sets.

A subject is a model with a `Standard`; its fields are the model's own, the natural keys of what it points to and,
for what belongs to a person, the person's. Reports, quality, sharing and figures read the school through here only.
"""

from yanta.hub.subjects import conditions
from yanta.hub.subjects.changing import Changes, changes, position
from yanta.hub.subjects.deriving import all_subjects, subject
from yanta.hub.subjects.reading import read, relation
from yanta.hub.subjects.shapes import Field, Level, Subject

__all__ = [
    "Changes",
    "Field",
    "Level",
    "Subject",
    "all_subjects",
    "changes",
    "conditions",
    "position",
    "read",
    "relation",
    "subject",
]
