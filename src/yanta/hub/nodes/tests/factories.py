"""Rows whose made-up values would break a rule of the model."""

from yanta.hub.nodes.models import (
    Arrival,
    FeedbackItem,
    HeldRow,
    Node,
    NodeKey,
    Package,
    Receipt,
    SharedPerson,
    Stream,
)

EXAMPLES = {
    Node: lambda n: {"code": f"N{n:07d}", "name": f"节点{n}", "level": "school", "relation": "lower"},
    NodeKey: lambda n: {"algorithm": "ed25519", "key_id": f"{n:016x}", "pem": "-"},
    Stream: lambda n: {"subject": f"subject{n}", "title": f"主题{n}"},
    Package: lambda n: {"number": n, "kind": "full", "manifest": "{}", "digest": f"{n:064x}", "signature": "-"},
    Arrival: lambda n: {
        "subject": "student", "number": n, "kind": "full", "rows": 0, "manifest": "{}", "digest": f"{n:064x}",
        "signature": "-",
    },
    Receipt: lambda n: {
        "side": "got", "origin": "N1", "subject": "student", "number": n, "package": f"{n:064x}", "received": 3, "new": 1,
        "changed": 1, "unchanged": 1, "removed": 0, "quarantined": 0, "document": "{}", "signature": "-",
    },
    HeldRow: lambda n: {"subject": "student", "key": f"K{n}", "line": 1, "faults": [], "words": "不合格"},
    FeedbackItem: lambda n: {"serial": n, "subject": "student", "key": f"K{n}", "words": "不合格"},
    SharedPerson: lambda n: {
        "subject": "student", "identity": n.to_bytes(16, "big"), "name": "某人", "places": [], "where": "两校",
    },
}  # fmt: skip
