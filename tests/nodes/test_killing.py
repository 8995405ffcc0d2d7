"""kill -9 of the pusher, of the upper node and of either database, fifty times while data change: nothing lost, nothing
doubled, and both sides hold the same receipts. Pipeline runs are killed in `hub/pipelines`."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from tests.nodes.conftest import STUDENTS, Pair
from tests.nodes.installations import Installation, wait_until_answered

SEED = 20261121
VICTIMS = {"upper node": 15, "pusher": 15, "upper database": 10, "school database": 10}
KILLS = sum(VICTIMS.values())
PATIENCE = 120


def test_fifty_kills_at_random_points_lose_and_double_nothing(pair: Pair) -> None:
    province, school = pair.province, pair.school
    draw, kill, counted, midway = random.Random(SEED), killers(pair), 0, 0
    pair.above.start("serve")
    wait_until_answered(province)
    pair.below.start("push")
    for number, victim in enumerate(draw.sample(list(VICTIMS), KILLS, counts=VICTIMS.values())):
        if number % 4 == 0:  # else nothing would ever get through, and the last step would do it all
            counted = wait_for_receipts(province, more_than=counted)
        change(school, draw)
        time.sleep(draw.uniform(0.0, 0.4))
        midway += on_its_way(school)
        kill[victim]()
    wait_until_quiet(province, school)
    pair.below.stop("push")
    pair.above.stop("serve")

    assert_equal_rows(province, school)
    assert_receipts_agree(province, school)
    assert_nothing_doubled(province)
    assert midway, "no kill came while a package was on its way"


def killers(pair: Pair) -> dict[str, Callable[[], None]]:
    return {
        "upper node": lambda: pair.above.kill("serve"), "pusher": lambda: pair.below.kill("push"),
        "upper database": pair.province.kill_database, "school database": pair.school.kill_database,
    }  # fmt: skip


def receipts_of(province: Installation) -> int:
    ((count,),) = province.rows("SELECT count(*) FROM nodes_receipt WHERE side = 'given'")
    return int(count)


def wait_for_receipts(province: Installation, *, more_than: int) -> int:
    deadline = time.monotonic() + PATIENCE
    while (count := receipts_of(province)) <= more_than:
        assert time.monotonic() < deadline, "nothing gets through"
        time.sleep(0.02)
    return count


def on_its_way(school: Installation) -> bool:
    return bool(school.rows("SELECT 1 FROM nodes_package WHERE state IN ('waiting', 'sent') LIMIT 1"))


def change(school: Installation, draw: random.Random) -> None:
    """Grades move, names change, somebody leaves: what a school does all day."""
    school.execute(
        "UPDATE masterdata_student SET grade = %s WHERE id IN"
        " (SELECT id FROM masterdata_student ORDER BY random() LIMIT %s)",
        [draw.randrange(2020, 2027), draw.randrange(1, 60)],
    )
    school.execute(
        "UPDATE people_person SET name = %s WHERE id IN (SELECT person_id FROM masterdata_student ORDER BY random() LIMIT 3)",
        [f"改名{draw.randrange(10_000)}"],
    )
    school.execute(
        "DELETE FROM masterdata_student WHERE id IN (SELECT id FROM masterdata_student ORDER BY random() LIMIT 1)"
    )


def wait_until_quiet(province: Installation, school: Installation) -> None:
    """Everything built is acknowledged, and the region says what the school says."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if not on_its_way(school) and ours(school) == theirs(province):
            return
        time.sleep(0.1)


def ours(school: Installation) -> list[tuple[object, ...]]:
    return school.rows(
        "SELECT s.number, s.grade::text, p.name FROM masterdata_student s JOIN people_person p ON p.id = s.person_id ORDER BY 1"
    )


def theirs(province: Installation) -> list[tuple[object, ...]]:
    return province.rows(
        "SELECT key, data ->> 'grade', data ->> 'name' FROM nodes_regionalrow WHERE subject = 'student' ORDER BY 1"
    )


def assert_equal_rows(province: Installation, school: Installation) -> None:
    assert theirs(province) == ours(school)
    assert len(theirs(province)) == STUDENTS - KILLS


SUMS = """SELECT origin, subject, number, package, received, new, changed, unchanged, removed, quarantined, document, signature
FROM nodes_receipt WHERE side = '{}' ORDER BY 1, 2, 3"""


def assert_receipts_agree(province: Installation, school: Installation) -> None:
    given, got = province.rows(SUMS.format("given")), school.rows(SUMS.format("got"))
    assert given == got
    assert len(given) > KILLS // 4
    for one in given:
        assert one[4] == sum(one[5:10])


def assert_nothing_doubled(province: Installation) -> None:
    """What was ever added, less what was ever removed, is what is there; the chain of numbers has no gap."""
    for subject, added, removed in province.rows(
        "SELECT subject, sum(new), sum(removed) FROM nodes_receipt WHERE side = 'given' GROUP BY subject"
    ):
        ((here,),) = province.rows(f"SELECT count(*) FROM nodes_regionalrow WHERE subject = '{subject}'")
        assert here == int(added) - int(removed)
        ((highest, count),) = province.rows(
            f"SELECT max(number), count(*) FROM nodes_receipt WHERE side = 'given' AND subject = '{subject}'"
        )
        assert highest == count
    assert province.rows("SELECT 1 FROM nodes_arrivalchunk") == []
