import pytest

from yanta.kernel.base.texts import clean_identifier, clean_name, clean_text, masked


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("　张　三 ", "张三"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("SMITH  JOHN", "SMITH JOHN"),
        ("李\u200b四", "李四"),
    ],
)
def test_names_read_as_on_the_identity_card(typed, clean):
    assert clean_name(typed) == clean


def test_text_becomes_half_width_with_single_blanks():
    assert clean_text("Ａ楼 \n １０１") == "A楼 101"


def test_identifiers_lose_blanks_and_become_upper_case():
    assert clean_identifier("6101 13１99001011２3x") == "61011319900101123X"


def test_masking_keeps_head_and_tail_and_hides_short_values_whole():
    assert masked("13812345678") == "138****5678"
    assert masked("1234") == "****"
