"""What must not be joined, however much agrees."""

from .factories import id_number, matched, row

ELDER = id_number("610102", "20050709", "012")
YOUNGER = id_number("610102", "20050709", "021")
OTHER = id_number("330106", "20050709", "036")
HOME = {"born": "2005-07-09", "home_phone": "16811112222", "phone": "16811112222", "org_code": "10100"}


class TestGuards:
    def test_two_valid_numbers_are_two_people_of_one_name_and_birthday(self):
        known = {"born": "2005-07-09", "sex": "2", "phone": "16811112222"}
        found = matched(
            row("欧阳雨晴", id_no=ELDER, **known), row("欧阳雨晴", id_no=OTHER, **known, source="library")
        )
        assert found.groups == [[1], [2]]

    def test_nor_does_a_third_row_bridge_them(self):
        bridge = row("欧阳雨晴", born="2005-07-09", phone="16811112222", source="library")
        found = matched(
            row("欧阳雨晴", id_no=ELDER, phone="16811112222"),
            row("欧阳雨晴", id_no=OTHER, phone="16811112222"),
            bridge,
        )
        assert [1, 2] not in [group[:2] for group in found.groups]

    def test_a_row_that_fits_two_namesakes_equally_is_left_to_a_person(self):
        found = matched(
            row("欧阳雨晴", id_no=ELDER, sex="2"),
            row("欧阳雨晴", id_no=OTHER, sex="2"),
            row("欧阳雨晴", born="2005-07-09", sex="2", source="alumni"),
        )
        assert found.groups == [[1], [2], [3]]
        assert {(1, 3), (2, 3)} <= found.doubts

    def test_twins_share_birthday_home_and_telephone_but_not_the_name(self):
        found = matched(row("欧阳雨晴", **HOME), row("欧阳雨涵", **HOME, source="library"))
        assert found.groups == [[1], [2]]

    def test_twins_have_numbers_next_to_each_other(self):
        found = matched(
            row("欧阳雨晴", id_no=ELDER, **HOME), row("欧阳雨涵", id_no=YOUNGER, **HOME, source="library")
        )
        assert found.groups == [[1], [2]]

    def test_a_twin_with_a_lost_character_fits_both_and_is_left_to_a_person(self):
        found = matched(
            row("欧阳雨晴", id_no=ELDER, **HOME),
            row("欧阳雨涵", id_no=YOUNGER, **HOME),
            row("欧阳雨?", name_lossy=True, **HOME, source="library"),
        )
        assert found.groups == [[1], [2], [3]]

    def test_a_parent_and_a_child_share_a_telephone(self):
        found = matched(
            row("欧阳德海", phone="16811112222", staff_no="00731"),
            row("欧阳雨晴", phone="16811112222", ug_no="2023010101", source="library"),
        )
        assert found.groups == [[1], [2]]

    def test_an_office_telephone_joins_nobody(self):
        names = ("欧阳德海", "司马青山", "诸葛文远", "上官云霞", "端木清华", "慕容复兴")
        found = matched(*(row(name, phone="16822223333", org_code="20100") for name in names))
        assert all(len(group) == 1 for group in found.groups)

    def test_a_card_handed_on_belongs_to_two_people(self):
        found = matched(
            row("欧阳德海", card_no="100204", staff_no="00731"),
            row("司马青山", card_no="100204", ug_no="2023010101"),
        )
        assert found.groups == [[1], [2]]

    def test_namesakes_of_one_class_have_different_student_numbers(self):
        shared = {"org_code": "10100", "sex": "2", "birth_month": "2005-07"}
        found = matched(
            row("李二强", ug_no="2023010107", **shared),
            row("李二强", ug_no="2023010131", source="student_affairs", **shared),
        )
        assert found.groups == [[1], [2]]
        assert matched(row("李二强", **shared), row("李二强", source="library", **shared)).groups == [[1, 2]]

    def test_the_information_of_whole_clusters_counts(self):
        """The library row states too little to contradict anybody; the row it belongs to does."""
        one = {
            "ug_no": "2002030004",
            "email": "a@x.example",
            "org_code": "10300",
            "phone": "16811110000",
            "sex": "1",
        }
        found = matched(
            row(
                "李二强",
                born="1984-11-07",
                staff_no="00112",
                email="b@x.example",
                org_code="11500",
                phone="16822220000",
                sex="2",
            ),
            row("李二强", staff_no="00112", born="1984-11-07", source="library"),
            row("李二强", born="1984-11-07", source="alumni", **one),
        )
        assert [1, 2] in found.groups

    def test_a_key_shared_by_very_many_rows_is_no_key(self):
        placeholder = [row(f"欧{chr(0x4E00 + n)}", id_no="11111111111111111X") for n in range(60)]
        assert all(len(group) == 1 for group in matched(*placeholder).groups)
