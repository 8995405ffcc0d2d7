from datetime import date

from django.test import Client

from yanta.kernel.identity.models import Account
from yanta.kernel.organisation import services
from yanta.kernel.organisation.models import OrgUnitSpell


def page(actor, **query):
    client = Client(headers={"Accept-Language": "zh-hans"})
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client.get("/organisation/tree/", query)


def spell(unit, parent=None):
    OrgUnitSpell.objects.create(unit=unit, name=unit.name, parent=parent, valid_from=date(2000, 1, 1))


def test_the_tree_of_a_past_day_has_the_names_of_that_day(school, college, engineer):
    spell(school)
    spell(college, school)
    services.rename(college, actor=engineer, name="计算与智能学院", on=date(2020, 7, 1))

    assert "计算与智能学院" in page(engineer).content.decode()
    then = page(engineer, on="2010-01-01").content.decode()
    assert "信息工程学院" in then
    assert "计算与智能学院" not in then
    assert page(engineer, on="昨天").status_code == 200


def test_only_units_in_scope_and_the_way_to_them_are_shown(
    school, college, other_college, clerk, student_actor
):
    spell(school)
    spell(college, school)
    spell(other_college, school)

    text = page(clerk).content.decode()

    assert college.name in text
    assert other_college.name not in text
    assert page(student_actor).status_code == 403


def test_what_leads_to_a_unit_in_scope_is_no_link(school, college, clerk):
    spell(school)
    spell(college, school)

    text = page(clerk).content.decode()

    assert f"/organisation/orgunit/{college.pk}/" in text
    assert f"/organisation/orgunit/{school.pk}/" not in text
