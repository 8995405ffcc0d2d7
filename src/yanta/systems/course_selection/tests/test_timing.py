"""Times come from the published timetable, and the rules go by them at once."""

import pytest

from yanta.systems.course_selection.services import timing
from yanta.systems.timetables import public as timetables


def time(section, weekday, *, weeks=0b1111, first=1, group=1, groups=1):
    return timetables.SectionTime(section, weeks, weekday, first, 2, None, "A101", group, groups)


@pytest.fixture
def published(monkeypatch):
    """What the timetable would say."""
    said = {}
    monkeypatch.setattr(
        timetables, "times_of", lambda term, sections: {k: v for k, v in said.items() if k in sections}
    )
    return said


def said_of(place):
    return [str(one) for one in place.times.all()]


def test_a_published_timetable_replaces_what_was_imported(place, term, published):
    moved, other = place(times=[(1, 1, 2, "1-16")]), place(times=[(2, 3, 4, "1-8")])
    published[moved.section_id] = (time(moved.section_id, 5, weeks=0b0101),)

    assert timing.follow_timetable(term.pk) == 1
    assert said_of(moved) == ["星期五 1-2 节 1,3 周"]
    assert said_of(other) == ["星期二 3-4 节 1-8 周"]


def test_meetings_in_groups_stand_in_nobodys_way(place, term, published):
    one = place()
    published[one.section_id] = (
        time(one.section_id, 1),
        time(one.section_id, 2, group=1, groups=2),
        time(one.section_id, 3, group=2, groups=2),
    )
    timing.follow_timetable(term.pk, [one.section_id])
    assert said_of(one) == ["星期一 1-2 节 1-4 周"]


def test_what_moved_onto_a_chosen_course_is_refused(place, term, student, ask, published):
    chosen, wanted = place(times=[(1, 1, 2, "1-16")]), place(times=[(2, 1, 2, "1-16")])
    who = student()
    ask(who, "take", chosen)
    published[wanted.section_id] = (time(wanted.section_id, 1, first=2),)
    timing.follow_timetable(term.pk)

    refused = ask(who, "take", wanted)
    assert (refused.outcome, refused.code) == ("refused", "time")
