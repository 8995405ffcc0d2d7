"""Rows of a filing that no form makes."""

from yanta.hub.reporting.models import (
    Calculation,
    Filing,
    FilingCell,
    FilingTable,
    ReceivedFiling,
    Submission,
)

EXAMPLES = {
    Filing: lambda n: {"package": f"p{n}", "period": f"{2000 + n % 1000}"},
    Calculation: lambda n: {"values": {}, "lines": {}, "days": {}, "seconds": 0.1, "package": "gj"},
    FilingTable: lambda n: {"code": f"T{n}"},
    FilingCell: lambda n: {"row": f"r{n}", "by_hand": True},
    ReceivedFiling: lambda n: {
        "values": {},
        "number": n % 30000 + 1,
        "node": f"N{n}",
        "package": "gj",
        "period": "2026",
    },
    Submission: lambda n: {"values": {}, "number": n % 30000 + 1},
}
