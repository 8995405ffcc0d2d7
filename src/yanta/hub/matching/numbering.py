"""Who keeps which person key from one run to the next."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from hashlib import blake2b


def _fresh(row_id: int) -> str:
    return "K" + blake2b(str(row_id).encode(), digest_size=8).hexdigest()


def person_keys(clusters: Mapping[int, Iterable[int]], *, assigned: Mapping[int, str]) -> dict[int, str]:
    """Key per cluster; members are row ids.

    An earlier key goes to the cluster that holds most of its rows, the one with the smallest row among
    equals. A cluster without a claim gets a key made from its smallest row, so that equal input gives equal keys.
    """
    claims: dict[str, Counter[int]] = defaultdict(Counter)
    smallest = {cluster: min(members) for cluster, members in clusters.items()}
    for cluster, members in clusters.items():
        for row_id in members if assigned else ():
            if row_id in assigned:
                claims[assigned[row_id]][cluster] += 1
    bids = [
        (-n, smallest[cluster], key, cluster)
        for key, counter in claims.items()
        for cluster, n in counter.items()
    ]
    keys: dict[int, str] = {}
    given: set[str] = set()
    retired = set(assigned.values())  # a key is never somebody else's later
    for _, _, key, cluster in sorted(bids):
        if cluster not in keys and key not in given:
            keys[cluster] = key
            given.add(key)
    taken = given | retired
    for cluster, row_id in smallest.items():
        if cluster not in keys:
            keys[cluster] = _unused(row_id, taken)
            taken.add(keys[cluster])
    return keys


def _unused(row_id: int, taken: set[str]) -> str:
    """After a split the smallest row's own key may be held by the larger part."""
    key, turn = _fresh(row_id), 0
    while key in taken:
        turn += 1
        key = _fresh(row_id) + f"-{turn}"
    return key
