import shutil
import subprocess

import pytest
from django.utils import timezone

from yanta.sso.seals import authority, national
from yanta.sso.seals.models import Certificate


@pytest.fixture
def row(db, clock) -> Certificate:
    made = Certificate(kind="unit", algorithm="sm2", subject="雁塔大学信息工程学院")
    return authority.issue(made, authority.Holder("雁塔大学信息工程学院", "信息工程学院"), at=timezone.now())


def test_a_chain_of_sm2_certificates_holds(row):
    issuing, root = (authority.of(kind, national=True) for kind in ("issuing", "root"))

    assert national.is_issued_by(row, issuing)
    assert national.is_issued_by(issuing, root)
    assert not national.is_issued_by(row, root)


def test_openssl_agrees(row, tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    (tmp_path / "a.pem").write_text(row.pem)
    (tmp_path / "ca.pem").write_text(row.issuer.pem)

    said = subprocess.run(
        ["openssl", "verify", "-no_check_time", "-partial_chain", "-CAfile", tmp_path / "ca.pem", "-vfyopt",
         "distid:1234567812345678", tmp_path / "a.pem"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    if "sm2" in said.stderr.lower() and "unsupported" in said.stderr.lower():
        pytest.skip("this OpenSSL has no SM2")
    assert said.returncode == 0, said.stderr
