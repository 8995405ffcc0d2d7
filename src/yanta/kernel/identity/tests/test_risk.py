from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest

from yanta.kernel.identity import risk
from yanta.kernel.identity.risk import Place, Visit

NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
XIAN = Place(ip_network("10.1.0.0/16"), "西安", 34.34, 108.94)
URUMQI = Place(ip_network("10.2.0.0/16"), "乌鲁木齐", 43.83, 87.62)
YANTA = Place(ip_network("10.1.9.0/24"), "雁塔校区", 34.22, 108.96)


def visit(address: str = "10.1.0.7", *, hours_ago: float = 0, device: str = "Chrome · Windows") -> Visit:
    return Visit(NOW - timedelta(hours=hours_ago), address, device)


def test_the_usual_device_in_the_usual_network_is_nothing():
    assert risk.signs_of(visit(), [visit("10.1.200.3", hours_ago=20)]) == risk.Signs()


def test_the_first_visit_ever_is_nothing():
    assert risk.signs_of(visit(), []) == risk.Signs()


@pytest.mark.parametrize("now", [visit("172.16.0.1"), visit(device="Safari · iPhone")])
def test_another_device_or_network_is_told(now):
    signs = risk.signs_of(now, [visit(hours_ago=20)])
    assert signs.slight
    assert not signs.grave


def test_two_places_too_far_apart_for_the_time_are_grave():
    places = [XIAN, URUMQI]
    soon = risk.signs_of(visit("10.2.0.1"), [visit(hours_ago=1)], places=places)
    assert "60 分钟前在西安登录过，现在在乌鲁木齐，相距 2112 公里" in soon.grave[0]
    assert not risk.signs_of(visit("10.2.0.1"), [visit(hours_ago=4)], places=places).grave
    assert not risk.signs_of(visit("10.2.0.1"), [visit(hours_ago=1)]).grave


def test_the_narrowest_network_says_the_place():
    assert risk.place_of("10.1.9.4", [XIAN, YANTA]) == YANTA
    assert risk.place_of("10.1.8.4", [XIAN, YANTA]) == XIAN
    assert risk.place_of("2001:db8::1", [XIAN]) is None
    assert risk.place_of(None, [XIAN]) is None


def test_failures_from_elsewhere_and_crowds_of_strangers_are_grave():
    usual, strange = visit(), visit("172.16.0.1")
    before = [visit(hours_ago=20)]
    assert risk.signs_of(usual, before, failures=risk.FAILURES).grave
    assert not risk.signs_of(usual, before, failures=risk.FAILURES - 1).grave
    assert risk.signs_of(strange, before, crowd=risk.CROWD).grave
    assert not risk.signs_of(usual, before, crowd=risk.CROWD).grave


def test_the_schools_table_of_places(tmp_path):
    file = tmp_path / "places.csv"
    file.write_text("network,name,latitude,longitude\n10.1.0.0/16,西安,34.34,108.94\n", "utf-8")
    assert risk.places_in(str(file)) == (XIAN,)
    assert risk.places_in("") == ()
