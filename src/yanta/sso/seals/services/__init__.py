"""The verbs: certificates, seals, applications, documents."""

from yanta.sso.seals.services.applying import Handed, Wish, apply, authorise, seals_for, sign_paper, taken_in
from yanta.sso.seals.services.certificates import (
    ask_for_certificate,
    expire,
    import_certificate,
    issue_certificate,
    refuse_certificate,
    renew,
    resume_certificate,
    revoke,
    suspend_certificate,
)
from yanta.sso.seals.services.documents import withdraw_document
from yanta.sso.seals.services.requests import end, endorse, press, refuse, withdraw
from yanta.sso.seals.services.seals import approve, destroy, hand_over, put_in_use, resume, suspend

__all__ = [
    "Handed", "Wish", "apply", "approve", "ask_for_certificate", "authorise", "destroy", "end", "endorse",
    "expire", "hand_over", "import_certificate", "issue_certificate", "press", "put_in_use", "refuse",
    "refuse_certificate", "renew", "resume", "resume_certificate", "revoke", "seals_for", "sign_paper",
    "suspend", "suspend_certificate", "taken_in", "withdraw", "withdraw_document",
]  # fmt: skip
