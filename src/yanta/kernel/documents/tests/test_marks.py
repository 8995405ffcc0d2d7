from yanta.kernel.documents.marks import bare, is_opinion, is_photo, marks, plain


def kinds(text: str) -> list[tuple[str, str]]:
    return [(mark.kind, mark.label) for mark in marks(text)]


class TestMarks:
    def test_blanks_with_their_labels(self):
        assert kinds("姓名：________　学号：____________") == [("blank", "姓名"), ("blank", "学号")]

    def test_boxes_on_one_line_are_one_question(self):
        (mark,) = marks("性别：□男　□女")
        assert mark.kind == "check"
        assert mark.label == "性别"
        assert [name for _, name in mark.options] == ["男", "女"]

    def test_a_day_to_be_written_in(self):
        assert kinds("填表日期：    年    月    日") == [("date", "填表日期")]

    def test_a_label_that_names_a_month_is_no_blank(self):
        assert kinds("出生年月") == []

    def test_two_days_from_and_to(self):
        assert [kind for kind, _ in kinds("自____年__月__日至____年__月__日")] == ["date", "date"]


class TestLabels:
    def test_spaces_and_colons_say_nothing(self):
        assert plain("姓　名：") == "姓名"
        assert bare("学制（年）") == "学制"

    def test_photo(self):
        assert is_photo("贴\n照\n片\n处")
        assert not is_photo("姓名")

    def test_opinion(self):
        assert is_opinion("学院意见", "\n\n签名：      年  月  日")
        assert not is_opinion("姓名", "")
