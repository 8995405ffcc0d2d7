"""Two figures of one meaning that differ are found, told, explained, put right."""

from __future__ import annotations

from decimal import Decimal

import pytest

from yanta.hub.warehouse import likeness, public
from yanta.hub.warehouse.models import Disagreement, Indicator, PublishedFigure, SameFigure
from yanta.hub.warehouse.services import comparing, correct, explain, figures
from yanta.hub.warehouse.tests.conftest import ON, SYSTEM, enrol
from yanta.kernel.base import Refused
from yanta.kernel.notify.models import Message
from yanta.kernel.testing.factories import OrgUnitFactory
from yanta.masterdata.models import Student

pytestmark = pytest.mark.django_db
State = Disagreement.State


@pytest.fixture
def registry(school, acting):
    return acting("clerk", OrgUnitFactory(parent=school, code="2090", name="教务处", kind="office"))


@pytest.fixture
def leaflet(computed):
    return PublishedFigure.objects.create(
        indicator=Indicator.objects.get(code="student.count"), value=7, place="招生宣传册", published_on=ON
    )


def found(pair: SameFigure) -> Disagreement:
    comparing.compare(on=ON, only=[pair])
    return Disagreement.objects.get(same=pair)


class TestFinding:
    def test_a_number_said_by_hand_that_differs_is_told_to_its_owner(self, leaflet, registry):
        one = found(comparing.same_as_published(leaflet))
        assert (one.left_value, one.right_value, one.owner, one.state) == (5, 7, "教务处", State.PENDING)
        assert ["出处", "招生宣传册"] in one.right_story
        assert any("学籍状态为 在读" in text for _, text in one.left_story)
        message = Message.objects.get(person_id=registry.person_id)
        assert "招生宣传册" in message.title

    def test_the_sum_of_units_that_is_not_the_school(self, computed, school, college):
        pair = SameFigure.objects.get(left="indicator:student.count")
        assert comparing.compare(on=ON, only=[pair]).agreed == 1
        enrol("S20", school)
        figures.record(ON, actor=SYSTEM)
        one = found(pair)
        assert (one.left_value, one.right_value) == (6, 5)

    def test_within_the_tolerance_they_agree(self, leaflet):
        leaflet.tolerance = 2
        leaflet.save()
        pair = comparing.same_as_published(leaflet)
        assert comparing.compare(on=ON, only=[pair]) == comparing.Compared(1, 1, 0, 0)
        pair.refresh_from_db()
        assert pair.verdict == "一致：5"

    def test_what_could_not_be_compared_is_said(self, computed):
        pair = SameFigure.objects.create(
            name="x", left="indicator:ghost", right="indicator:student.count", owner="教务处"
        )
        assert comparing.compare(on=ON, only=[pair]).untold == 1
        pair.refresh_from_db()
        assert "没有代码为“ghost”" in pair.verdict

    def test_other_packages_bring_figures(self, computed, monkeypatch):
        monkeypatch.setitem(
            likeness._tellers, "cell", lambda key, on: public.Told("高基表", Decimal(9), (("出处", key),))
        )
        pair = SameFigure.objects.create(
            name="x", left="indicator:student.count", right="cell:a/b/c", owner="教务处"
        )
        assert found(pair).right_value == 9

    def test_every_night_all_pairs(self, leaflet):
        comparing.same_as_published(leaflet)
        result = comparing.compare(on=ON)
        assert result.compared == result.agreed + result.disagreed + result.untold > 5
        assert result.disagreed == 1


class TestSettling:
    def test_once_open_it_is_not_told_again(self, leaflet, registry):
        pair = comparing.same_as_published(leaflet)
        found(pair)
        found(pair)
        assert Disagreement.objects.count() == 1
        assert Message.objects.filter(person_id=registry.person_id).count() == 1

    def test_an_explanation_holds_until_the_difference_changes(self, leaflet, engineer):
        pair = comparing.same_as_published(leaflet)
        explain(found(pair), actor=engineer, reason="宣传册含预科生")
        assert found(pair).state == State.EXPLAINED
        PublishedFigure.objects.filter(pk=leaflet.pk).update(value=8)
        assert found(pair).state == State.PENDING

    def test_no_explanation_without_words(self, leaflet, engineer):
        with pytest.raises(Refused, match="原因"):
            explain(found(comparing.same_as_published(leaflet)), actor=engineer, reason=" ")

    def test_put_right_is_refused_while_they_differ(self, leaflet, engineer):
        one = found(comparing.same_as_published(leaflet))
        with pytest.raises(Refused, match="仍不一致"):
            correct(one, actor=engineer, reason="已改")
        PublishedFigure.objects.filter(pk=leaflet.pk).update(value=5)
        correct(one, actor=engineer, reason="宣传册已重印")
        one.refresh_from_db()
        assert (one.state, one.explanation) == (State.CORRECTED, "宣传册已重印")

    def test_what_agrees_again_closes_by_itself_and_may_open_anew(self, leaflet):
        pair = comparing.same_as_published(leaflet)
        found(pair)
        PublishedFigure.objects.filter(pk=leaflet.pk).update(value=5)
        assert found(pair).state == State.CORRECTED
        PublishedFigure.objects.filter(pk=leaflet.pk).update(value=6)
        comparing.compare(on=ON, only=[pair])
        assert Disagreement.objects.filter(same=pair).count() == 2

    def test_side_by_side_on_screen(self, leaflet, engineer, client_of):
        one = found(comparing.same_as_published(leaflet))
        client = client_of(engineer)
        said = client.get(f"/warehouse/disagreements/{one.pk}/").content.decode()
        for words in ("招生宣传册", "student.count", "待核", "说明原因"):
            assert words in said
        PublishedFigure.objects.filter(pk=leaflet.pk).update(value=5)
        client.post(f"/warehouse/disagreements/{one.pk}/")
        one.refresh_from_db()
        assert one.state == State.CORRECTED

    def test_registering_a_number_on_screen_compares_at_once(self, computed, engineer, client_of):
        indicator = Indicator.objects.get(code="student.count")
        posted = {
            "indicator": indicator.pk,
            "value": "9",
            "tolerance": "0",
            "place": "网站",
            "is_open": "true",
        }
        answer = client_of(engineer).post(
            "/warehouse/publishedfigure/new/", {**posted, "published_on": "2026-11-01"}
        )
        assert answer.status_code in (200, 204, 302), answer.content.decode()[:2000]
        assert Disagreement.objects.get().right_value == 9

    def test_loaded_data_are_compared_at_once(self, leaflet, college):
        comparing.compare(on=ON, only=[comparing.same_as_published(leaflet)])
        enrol("S21", college)
        enrol("S22", college)
        figures.follow("student", on=ON, actor=SYSTEM)
        assert Disagreement.objects.get().state == State.CORRECTED
        assert Student.objects.filter(status="01").count() == 7
