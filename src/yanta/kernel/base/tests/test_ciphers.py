import pytest

from yanta.kernel.base import ciphers


class TestSeal:
    @pytest.mark.parametrize("cipher", ["aes", "sm4"])
    def test_comes_back_and_never_looks_the_same_twice(self, settings, cipher):
        settings.YANTA_CIPHER = cipher

        first, second = ciphers.seal("13812345678"), ciphers.seal("13812345678")

        assert first != second
        assert ciphers.unseal(first) == ciphers.unseal(second) == "13812345678"
        assert b"1381234" not in first

    def test_a_changed_byte_is_noticed(self):
        sealed = bytearray(ciphers.seal("610113199001011234"))
        sealed[-1] ^= 1

        with pytest.raises(ciphers.UnreadableError):
            ciphers.unseal(bytes(sealed))

    def test_values_sealed_before_a_change_of_cipher_stay_readable(self, settings):
        settings.YANTA_CIPHER = "aes"
        old = ciphers.seal("旧值")
        settings.YANTA_CIPHER = "sm4"

        assert ciphers.unseal(old) == "旧值"


class TestBlindIndex:
    def test_equal_values_meet_and_others_do_not(self):
        assert ciphers.blind_index("a") == ciphers.blind_index("a")
        assert ciphers.blind_index("a") != ciphers.blind_index("b")
        assert len(ciphers.blind_index("a")) == ciphers.INDEX_BYTES


def test_sm3_of_the_standard_example():
    # GB/T 32905-2016, appendix A.1
    assert ciphers.sm3_hex(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
