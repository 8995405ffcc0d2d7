import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest

from yanta.kernel.base import schemes, signatures

ALGORITHMS = ["ed25519", "sm2"]


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.YANTA_SIGNING_KEYS = str(tmp_path / "keys")


@pytest.fixture(params=ALGORITHMS)
def algorithm(request, settings):
    settings.YANTA_SIGNATURE = request.param
    return request.param


class TestSign:
    def test_the_first_use_by_many_threads_at_once_makes_one_key(self):
        with ThreadPoolExecutor(16) as pool:
            found = list(pool.map(lambda _: signatures.own_key().key_id, range(64)))
        assert set(found) == {signatures.own_key().key_id}

    def test_holds_for_these_bytes_alone(self, algorithm):
        signature = signatures.sign(b"receipt 1")

        assert signature.algorithm == algorithm
        assert signatures.verify(b"receipt 1", signature, signatures.own_key())
        assert not signatures.verify(b"receipt 2", signature, signatures.own_key())

    def test_a_changed_value_is_noticed(self, algorithm):
        signature = signatures.sign(b"receipt")
        other = signatures.sign(b"another").value

        assert not signatures.verify(
            b"receipt", dataclasses.replace(signature, value=other), signatures.own_key()
        )
        for nonsense in ("", "!!", "AAAA", "A" * 88):
            broken = dataclasses.replace(signature, value=nonsense)
            assert not signatures.verify(b"receipt", broken, signatures.own_key())

    def test_another_key_does_not_verify(self, algorithm, settings, tmp_path):
        signature = signatures.sign(b"receipt")
        settings.YANTA_SIGNING_KEYS = str(tmp_path / "others")
        stranger = signatures.own_key()

        assert not signatures.verify(b"receipt", signature, stranger)
        posing = dataclasses.replace(stranger, key_id=signature.key_id)
        assert not signatures.verify(b"receipt", signature, posing)

    def test_the_algorithm_is_part_of_what_is_verified(self, algorithm):
        signature, key = signatures.sign(b"receipt"), signatures.own_key()
        wrong = next(name for name in ALGORITHMS if name != algorithm)

        assert not signatures.verify(b"receipt", dataclasses.replace(signature, algorithm=wrong), key)
        confused = dataclasses.replace(key, algorithm=wrong)
        assert not signatures.verify(b"receipt", dataclasses.replace(signature, algorithm=wrong), confused)
        with pytest.raises(ValueError, match="公钥"):
            signatures.PublicKey.from_pem(wrong, key.pem)

    def test_travels_as_text(self, algorithm):
        signature = signatures.sign(b"receipt")

        assert signatures.Signature.from_text(signature.as_text()) == signature


class TestRotate:
    def test_what_the_old_key_signed_still_verifies(self, algorithm):
        signature = signatures.sign(b"receipt")
        old = signatures.own_key()

        new = signatures.rotate()

        assert signatures.own_key() == new != old
        assert signatures.own_keys() == [old, new]
        assert signatures.verify_own(b"receipt", signature)
        assert signatures.sign(b"next").key_id == new.key_id

    def test_whoever_knows_the_old_key_can_follow(self, algorithm):
        first = signatures.own_key()
        signatures.rotate()
        last = signatures.rotate()

        known = first
        for step in signatures.endorsements_after(first.key_id):
            assert signatures.follows(step, known)
            known = step.key
        assert known == last
        assert signatures.endorsements_after("0" * 16) == []

    def test_nobody_else_can_lead_them_away(self, algorithm, settings, tmp_path):
        known = signatures.own_key()
        settings.YANTA_SIGNING_KEYS = str(tmp_path / "others")
        signatures.own_key()
        signatures.rotate()
        (step,) = signatures.endorsements_after(signatures.own_keys()[0].key_id)

        assert not signatures.follows(step, known)
        assert not signatures.follows(dataclasses.replace(step, old_key_id=known.key_id), known)

    def test_the_old_private_half_is_gone(self, algorithm, tmp_path):
        signatures.own_key()
        signatures.rotate()
        signatures.rotate()

        held = [b"private" in path.read_bytes() for path in sorted((tmp_path / "keys").glob("*.json"))]
        assert held == [False, False, True]

    def test_a_change_of_algorithm_is_a_rotation(self, settings):
        settings.YANTA_SIGNATURE = "ed25519"
        old = signatures.own_key()
        signature = signatures.sign(b"receipt")

        settings.YANTA_SIGNATURE = "sm2"

        assert signatures.own_key().algorithm == "sm2"
        assert signatures.verify_own(b"receipt", signature)
        (step,) = signatures.endorsements_after(old.key_id)
        assert signatures.follows(step, old)


def test_ed25519_of_the_standard_example():
    # RFC 8032, 7.1, test 2
    scheme = schemes.Ed25519Scheme()
    private = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    value = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )

    assert scheme.sign(private, b"\x72") == value
    assert scheme.verify(public, b"\x72", value)


class TestSM2OfTheStandardExample:
    # GB/T 32918.5-2017, appendix A.2
    SCHEME = schemes.SM2Scheme()
    PRIVATE = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
    PUBLIC = bytes.fromhex(
        "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
        "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
    )
    DRAW = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
    VALUE = bytes.fromhex(
        "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
        "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
    )

    def test_digest(self):
        digest = self.SCHEME.digest(self.PUBLIC, b"message digest")

        assert digest.hex() == "f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640"

    def test_signature(self):
        digest = self.SCHEME.digest(self.PUBLIC, b"message digest")

        assert self.SCHEME.sign_with(self.PRIVATE, digest, self.DRAW) == self.VALUE
        assert self.SCHEME.verify(self.PUBLIC, b"message digest", self.VALUE)

    def test_a_point_off_the_curve_is_no_key(self):
        with pytest.raises(ValueError, match="SM2"):
            self.SCHEME.raw(self.SCHEME.pem(self.PUBLIC[:-1] + b"\x14"))

    def test_a_key_that_begins_with_what_gmssl_strips(self):
        private = (11).to_bytes(32, "big")
        public = bytes.fromhex(self.SCHEME._curve()._kg(11, self.SCHEME._TABLE["g"]))
        assert public.hex().startswith("04")

        assert self.SCHEME.verify(public, b"x", self.SCHEME.sign(private, b"x"))
