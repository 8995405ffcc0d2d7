import pytest

from yanta.sso.seals import drawing, rules


def test_places_are_read_as_people_write_them():
    found = rules.places_in("关键字：盖章处；第2页@100,150.5; 末页@20,20\n骑缝；末页右下")

    assert [one.spot for one in found] == ["word", "point", "point", "seam", "corner"]
    assert (found[1].page, found[1].x, found[1].y) == (2, 100.0, 150.5)
    assert found[2].page == 0
    assert rules.places_in("；".join(str(one) for one in found)) == found
    assert rules.places_in("") == [rules.CORNER]


@pytest.mark.parametrize("text", ["左上角", "第0页@1,1", "关键字：章", "第1页@a,b", "；".join(["骑缝"] * 21)])
def test_what_is_no_place_is_refused(text):
    with pytest.raises(rules.UnreadableError):
        rules.places_in(text)


def test_a_verification_number_notices_every_slip_of_the_pen():
    number = rules.new_number()

    assert rules.number_in(f" {number[:4]}-{number[4:8]} {number[8:].lower()}") == number
    for place in range(len(number)):
        for other in rules.ALPHABET:
            wrong = number[:place] + other + number[place + 1 :]
            assert (rules.number_in(wrong) is None) == (other != number[place])
    assert rules.number_in("") is None
    assert rules.number_in("../../etc/passwd") is None


def test_the_public_sees_the_surname_alone():
    assert rules.masked_name("欧阳修文") == "欧***"
    assert rules.masked_name("") == ""


def test_a_seal_is_the_same_lines_on_screen_and_paper():
    picture = drawing.official("雁塔大学计算机学院", "教务专用章", width=42)

    assert picture.as_svg().count("<path") == len(picture.strokes) == 1 + 9 + 1 + 5
    assert picture.as_pdf().count(b" B\n") == 9 + 5
    assert "#8a8f98" in picture.as_svg(specimen=True)
