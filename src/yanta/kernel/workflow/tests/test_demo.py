"""The matters of a demo school look as if people had worked on them."""

import random
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from yanta.kernel.workflow import clock
from yanta.kernel.workflow.demo import moments

pytestmark = pytest.mark.django_db
SUNDAY = datetime(2026, 11, 22, 13, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize("steps", [0, 1, 3])
@pytest.mark.parametrize("seed", range(20))
def test_steps_are_done_one_after_the_other_in_working_hours_before_today(steps, seed):
    found = moments(steps, SUNDAY, random.Random(seed))

    assert len(found) == steps + 1
    assert found == sorted(set(found))
    assert found[-1].date() < SUNDAY.date()
    days = clock.working_days_between(found[0].date(), SUNDAY.date())
    assert all(one.date() in days and 8 <= one.hour <= 18 for one in found)
