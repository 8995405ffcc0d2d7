"""When an account counts as a finding, and how grave it is. Pure."""

from __future__ import annotations

from datetime import timedelta

# Nobody signed in for half a year: GB/T 22239 asks that surplus and expired accounts be ended in time.
UNUSED_FOR = timedelta(days=180)
# A freshman has the summer to come.
UNACTIVATED_FOR = timedelta(days=90)
# Persons come into the records before their facts do.
FACTS_FOLLOW_WITHIN = timedelta(days=3)
INITIAL_FOR = timedelta(days=7)

# One person has a few devices and walks through a few networks; a password that went round has many.
LOOKED_BACK = timedelta(days=30)
DEVICES = 8
NETWORKS = 10
AT_ONCE = 4

EXPLAINED_LONGEST = timedelta(days=366)
REMINDED_EVERY = timedelta(days=1)

GRAVE = ("leaked", "orphan", "shared", "groundless", "single")
