"""Accounts and what proves them: passwords, sessions, tokens, one-time codes, the sign-in log."""

from yanta.kernel.identity.models.accounts import Account, AccountQuerySet, FormerPassword, SpentName
from yanta.kernel.identity.models.findings import AccountCheck, AccountFinding
from yanta.kernel.identity.models.proofs import ApiToken, OneTimeCode, ProofCode
from yanta.kernel.identity.models.sessions import AGENT_LENGTH, KEPT_DAYS, Lockout, Session, SignIn

__all__ = [
    "AGENT_LENGTH",
    "KEPT_DAYS",
    "Account",
    "AccountCheck",
    "AccountFinding",
    "AccountQuerySet",
    "ApiToken",
    "FormerPassword",
    "Lockout",
    "OneTimeCode",
    "ProofCode",
    "Session",
    "SignIn",
    "SpentName",
]
