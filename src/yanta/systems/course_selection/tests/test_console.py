"""What the registry does about a round while it runs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.testing.factories import OrgUnitFactory
from yanta.systems.course_selection import services
from yanta.systems.course_selection.models import Enrolment, Round

pytestmark = pytest.mark.django_db


@pytest.fixture
def registry(acting, school):
    office = OrgUnitFactory.create(parent=school, code="2010", name="教务处", kind="office")
    return acting("clerk", office)


class TestClose:
    def test_nothing_is_decided_any_more_and_what_was_stays(self, ask, student, place, window, registry):
        one, film, music = student(), place(5), place(5, name="音乐")
        ask(one, "take", film)

        services.close(window, actor=registry, reason="服务器检修")

        assert ask(one, "take", music).code == ask(one, "drop", film).code == "window"
        assert Enrolment.objects.get().place == film

    def test_only_a_running_round(self, window, registry):
        now = timezone.now()
        Round.objects.update(opens_at=now + timedelta(hours=1))
        window.refresh_from_db()
        with pytest.raises(Refused, match="进行中"):
            services.close(window, actor=registry, reason="x")

        Round.objects.update(opens_at=now - timedelta(hours=2), closes_at=now - timedelta(hours=1))
        window.refresh_from_db()
        with pytest.raises(Refused, match="进行中"):
            services.close(window, actor=registry, reason="x")
