"""Each way in which two rows of one person may differ, and the key that joins them nevertheless."""

from yanta.hub.matching.comparisons import COMPARISONS

from .factories import id_number, matched, row

NUMBER = id_number("610102", "19790518", "123")
OLD = {"born": "1979-05-18", "sex": "1"}


def level(found, comparison):
    """Name of the level that a comparison reached for the first two rows."""
    n = found.decision(1, 2)[f"lv_{comparison}"]
    return next(each for each in COMPARISONS if each.name == comparison).levels[n - 1].name if n else None


class TestIdentityNumber:
    def test_one_number_joins(self):
        found = matched(row("欧阳德海", id_no=NUMBER), row("欧阳德海", id_no=NUMBER, source="library"))
        assert found.groups == [[1, 2]]
        assert level(found, "id") == "same"

    def test_a_wrong_check_character_does_not_hide_it(self):
        wrong = NUMBER[:17] + ("0" if NUMBER[17] != "0" else "1")
        found = matched(row("欧阳德海", id_no=NUMBER), row("欧阳德海", id_no=wrong, source="library"))
        assert found.groups == [[1, 2]]
        assert level(found, "id") == "same_body"

    def test_neither_do_two_digits_the_wrong_way_round(self):
        swapped = NUMBER[:14] + NUMBER[15] + NUMBER[14] + NUMBER[16:]
        found = matched(row("欧阳德海", id_no=NUMBER), row("欧阳德海", id_no=swapped, source="library"))
        assert found.groups == [[1, 2]]
        assert level(found, "id") == "near"

    def test_nor_one_wrong_digit_in_the_division(self):
        slip = "620102" + NUMBER[6:]
        found = matched(row("欧阳德海", id_no=NUMBER), row("欧阳德海", id_no=slip, source="library"))
        assert found.groups == [[1, 2]]

    def test_a_slip_in_a_raised_fifteen_digit_number_passes_the_check(self):
        raised = id_number("610102", "19790518", "132")
        slip = id_number("610102", "19790518", "312")
        found = matched(
            row("欧阳德海", id_no=raised, staff_no="00731", id_sex="2"),
            row("欧阳德海", id_no=slip, staff_no="00731", id_sex="2", source="finance"),
        )
        assert level(found, "id") == "near_valid"
        assert found.groups == [[1, 2]]

    def test_one_passport_joins_whatever_the_order_of_names(self):
        found = matched(
            row("NGUYEN MINH", id_no="E12345678"), row("MINH NGUYEN", id_no="E12345678", source="library")
        )
        assert found.groups == [[1, 2]]
        assert level(found, "name") == "letters"


class TestName:
    def test_dots_and_blanks_do_not_matter(self):
        born = {"born": "1999-03-04"}
        found = matched(
            row("次仁卓玛", **born), row("次仁·卓玛", **born), row("次仁 卓玛", **born, source="library")
        )
        assert found.groups == [[1, 2, 3]]
        assert level(found, "name") == "same"

    def test_a_former_name_joins(self):
        found = matched(
            row("欧阳德海", former_name="欧阳铁柱", **OLD, source="personnel"),
            row("欧阳铁柱", **OLD, source="alumni"),
        )
        assert found.groups == [[1, 2]]
        assert level(found, "name") == "former"

    def test_a_lost_character_joins_by_the_rest(self):
        known = {**OLD, "org_code": "10100"}
        lost = (
            row("欧阳?海", name_lossy=True, **known),
            row("欧阳□海", name_lossy=True, **known, source="library"),
        )
        found = matched(row("欧阳翀海", **known, source="personnel"), *lost)
        assert found.groups == [[1, 2, 3]]
        assert level(found, "name") == "lossy_same"

    def test_pinyin_in_the_place_of_a_character_joins(self):
        found = matched(row("欧阳翀海", **OLD), row("欧阳chong海", name_lossy=True, **OLD, source="library"))
        assert found.groups == [[1, 2]]

    def test_pinyin_joins_in_any_order(self):
        spellings = ("Ouyang Dehai", "DEHAI OUYANG", "ouyangdehai")
        latin = (row(each, latin_name=each, **OLD, source="research") for each in spellings)
        found = matched(row("欧阳德海", **OLD), *latin)
        assert found.groups == [[1, 2, 3, 4]]
        assert level(found, "name") == "letters"

    def test_another_character_of_the_same_sound_joins_beside_birth_and_number(self):
        found = matched(
            row("欧阳德海", ug_no="2019010101"), row("欧阳得海", ug_no="2019010101", source="library")
        )
        assert found.groups == [[1, 2]]
        assert level(found, "name") == "homophone"

    def test_one_wrong_character_joins_beside_a_number(self):
        found = matched(
            row("欧阳德海", ug_no="2019010101"),
            row("欧阳德山", ug_no="2019010101", source="library"),
        )
        assert found.groups == [[1, 2]]
        assert level(found, "name") == "one_character"

    def test_common_names_count_less(self):
        common = [row("王芳", born=f"19{60 + n}-01-01") for n in range(12)]
        rare = matched(
            row("欧阳德海", born="1979-05-18"), row("欧阳德海", born="1979-05-18", source="library")
        )
        often = matched(row("王芳", **OLD), row("王芳", **OLD, source="library"), *common)
        assert rare.decision(1, 2)["w_name"] > often.decision(1, 2)["w_name"] + 3


class TestOtherFields:
    def test_name_and_day_of_birth_join(self):
        assert matched(row("欧阳德海", **OLD), row("欧阳德海", **OLD, source="library")).groups == [[1, 2]]

    def test_a_birth_date_inside_a_number_counts(self):
        found = matched(row("欧阳德海", id_no=NUMBER), row("欧阳德海", **OLD, source="library"))
        assert found.groups == [[1, 2]]
        assert level(found, "birth") == "same"

    def test_a_month_alone_joins_when_the_telephone_agrees(self):
        found = matched(
            row("欧阳德海", **OLD, phone="16800000001"),
            row("欧阳德海", birth_month="1979-05", phone="16800000001", source="alumni"),
        )
        assert found.groups == [[1, 2]]
        assert level(found, "birth") == "month"

    def test_an_undergraduate_number_held_before_joins_the_graduate(self):
        found = matched(
            row("欧阳德海", ug_no="2015010101", source="academic"),
            row("欧阳德海", grad_no="S20190001", former_ug_no="2015010101", source="graduate"),
        )
        assert found.groups == [[1, 2]]
        assert level(found, "ug") == "before"

    def test_student_then_graduate_then_staff_is_one_person(self):
        found = matched(
            row("欧阳德海", ug_no="1997010101", id_no=NUMBER, source="academic"),
            row("欧阳德海", grad_no="S20010001", id_no=NUMBER, source="graduate"),
            row("欧阳德海", staff_no="00731", id_no=NUMBER, source="personnel"),
            row("欧阳德海", staff_no="00731", card_no="100204"),
            row("欧阳德海", ug_no="1997010101", source="library"),
        )
        assert found.groups == [[1, 2, 3, 4, 5]]

    def test_what_one_person_alone_has_joins_beside_the_name(self):
        keys = ("email", "bank_account", "exam_no", "payee_no", "staff_no", "grad_no", "other_no")
        names = ["欧阳德海", "司马青山", "诸葛文远", "上官云霞", "端木清华", "慕容复兴", "东方既白"]
        twice = [
            (row(name, **{key: "a1"}), row(name, **{key: "a1"}, source="library"))
            for name, key in zip(names, keys, strict=True)
        ]
        found = matched(*(each for pair in twice for each in pair))
        assert found.groups == [[n, n + 1] for n in range(1, 14, 2)]

    def test_another_unit_in_another_capacity_says_little(self):
        student = row("欧阳德海", **OLD, org_code="10100", role="undergraduate", source="academic")
        alumnus = row("欧阳德海", **OLD, org_code="10700", role="alumnus", source="alumni")
        fellow = row("欧阳德海", **OLD, org_code="10700", role="undergraduate", source="library")
        apart = matched(student, fellow).decision(1, 2)["w_org"]
        assert apart < matched(student, alumnus).decision(1, 2)["w_org"] - 1

    def test_rows_without_a_key_stay_apart(self):
        assert matched(row("李二强"), row("李二强", source="library")).groups == [[1], [2]]
