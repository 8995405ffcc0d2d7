"""From tier to tier: what a school signed is passed on as it came, and proved as the school's own."""

from __future__ import annotations

import orjson
import pytest
from django.utils import timezone

from yanta.hub.nodes import building, enrolment, forwarding, pushing
from yanta.hub.nodes.client import Client, Rejected
from yanta.hub.nodes.models import Node, Package, Receipt, RegionalRow, Stream
from yanta.hub.nodes.tests.pair import ADDRESS, Side, joined

pytestmark = pytest.mark.django_db


class TestTiers:
    def test_what_is_applied_is_queued_for_the_next_tier_as_it_came(self, reporting, campus):
        """Our province reports to the nation: same manifest, same signature, same bytes."""
        nation = Node.objects.create(code="100000", name="国家", level="nation", relation="upper", state="active",
                                     address=ADDRESS)  # fmt: skip
        Stream.objects.create(upper=nation, subject="organisation", title="组织机构", state="active")

        with reporting[0].acting():
            pushing.push_node(reporting[1].node, at=timezone.now(), now=True)

        forwarded = Package.objects.get(stream__upper=nation, stream__origin=reporting[0].node)
        original = Package.objects.get(stream__upper__code="610000", stream__subject="organisation")
        assert (forwarded.manifest, forwarded.signature) == (original.manifest, original.signature)
        assert forwarded.parts.count() == 1
        assert not Package.objects.filter(stream__upper=nation, stream__subject="student").exists()

    @pytest.fixture
    def passed(self, db, tmp_path, province, line, campus):
        """A city that is joined, and a package of a school that only the city knows."""
        city = Side(tmp_path, "610100", "city", "西安市")
        joined(city, province)
        school = Side(tmp_path, "4161010009", "school", "戊学院")
        with school.acting():
            stream = Stream.objects.create(
                upper=province.node, subject="organisation", title="组织机构", fields=["code", "name"]
            )
            package = building.build(stream, at=timezone.now())
            card = enrolment.own_card()
        return city, province, package, card

    def announce(self, passed, **changes):
        city, province, package, card = passed
        told = {"manifest": package.manifest, "signature": package.signature, "introduced": card, **changes}
        with city.acting(), Client(province.node) as talk:
            return talk, talk.post("/packages", told)

    def test_the_province_proves_the_schools_own_signature(self, passed):
        city, province, package, card = passed
        with city.acting(), Client(province.node) as talk, pytest.MonkeyPatch.context() as patch:
            patch.setattr(forwarding, "introduction", lambda stream: card)
            told = pushing.send(talk, package)

        school = Node.objects.get(code="4161010009")
        assert school.via == city.node
        assert school.keys.get().how == "introduced"
        assert orjson.loads(told["document"])["origin"] == school.code
        assert Receipt.objects.get(side="given").node == school
        assert RegionalRow.objects.filter(node=school).count() == 2

    def test_a_city_that_alters_a_schools_package_is_found_out(self, passed):
        altered = passed[2].manifest.replace('"number":1', '"number":2')
        with pytest.raises(Rejected, match="签名不符"):
            self.announce(passed, manifest=altered)

    def test_a_school_that_reports_itself_is_not_reported_by_another(self, passed, province):
        Node.objects.create(code="4161010009", name="戊学院", state="active")
        with pytest.raises(Rejected, match="不经"):
            self.announce(passed)
