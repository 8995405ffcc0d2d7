"""What is wrong with accounts: found every night, explained or put right by whoever answers for them."""

from yanta.kernel.identity.findings.checking import Tally, check_all, recheck

__all__ = ["Tally", "check_all", "recheck"]
