import pytest
from django.core.exceptions import ValidationError

from yanta.kernel.codes.fields import CodeField, CodeFormField
from yanta.kernel.people.models import Person

pytestmark = pytest.mark.django_db


def person(**values):
    return Person(number="P0001", name="张三", **values)


def test_cleaning_keeps_the_code():
    row = person(sex="男", ethnic="汉", native_place="陕西省西安市雁塔区")
    row.clean_fields(exclude=["home_unit"])
    assert (row.sex, row.ethnic, row.native_place) == ("1", "01", "610113")
    assert row.get_sex_display() == "男性"


def test_a_wrong_value_says_what_was_perhaps_meant():
    with pytest.raises(ValidationError) as caught:
        person(native_place="鼓楼区").clean_fields()
    assert "江苏省/南京市/鼓楼区（320106）" in caught.value.message_dict["native_place"][0]


def test_a_retired_code_is_refused_for_a_new_row_and_kept_in_an_old_one():
    field = CodeField("国籍", "GBT2659_GJDQ")
    new, old = person(), person()
    old._state.adding = False

    assert field.clean("YUG", old) == "YUG"
    with pytest.raises(ValidationError, match="停用"):
        field.clean("YUG", new)


def test_blank_stays_blank():
    assert CodeField("性别", "GBT2261_1_XB", blank=True).clean("", person()) == ""
    assert person().get_sex_display() == ""


def test_the_width_comes_from_the_set():
    assert CodeField("专业", "MOE_UNDERGRAD_2025").max_length == 9
    assert CodeField("性别", "GBT2261_1_XB").max_length == 1


def test_a_form_takes_names_and_gives_codes():
    field = CodeField("性别", "GBT2261_1_XB", blank=True).formfield()
    assert isinstance(field, CodeFormField)
    assert field.clean(" 女 ") == "2"
    assert field.clean("") == ""
    with pytest.raises(ValidationError):
        field.clean("阿尔法")


def test_a_migration_remembers_the_set():
    _, path, _, options = CodeField("性别", "GBT2261_1_XB").deconstruct()
    assert path == "yanta.kernel.codes.fields.CodeField"
    assert (options["set_id"], options["max_length"]) == ("GBT2261_1_XB", 1)
