"""Sealing a column gives what sealing one by one gives."""

import pytest

from yanta.kernel.base import ciphers

TEXTS = ["530323200602098625", "张三", ""]


@pytest.fixture(params=["aes", "sm4"])
def cipher(request: pytest.FixtureRequest, settings: object) -> str:
    settings.YANTA_CIPHER = request.param  # type: ignore[attr-defined]
    return str(request.param)


def test_a_sealed_column_opens_to_the_same_texts(cipher: str) -> None:
    assert [ciphers.unseal(sealed) for sealed in ciphers.seal_many(TEXTS)] == TEXTS


def test_no_two_seals_of_one_text_are_equal(cipher: str) -> None:
    assert len(set(ciphers.seal_many(["same"] * 50))) == 50


def test_the_index_of_a_column_finds_what_was_indexed_alone(cipher: str) -> None:
    assert ciphers.blind_index_many(TEXTS) == [ciphers.blind_index(text) for text in TEXTS]
