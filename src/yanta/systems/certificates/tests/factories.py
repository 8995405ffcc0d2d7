"""Where a made-up value would break a rule of the models."""

from datetime import UTC, date, datetime

from yanta.systems.certificates.models import Batch, Certificate, Income, Kind, Mark, Share

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
EXAMPLES = {
    Kind: lambda n: {
        "code": f"{LETTERS[n // 676 % 26]}{LETTERS[n // 26 % 26]}{LETTERS[n % 26]}", "name": f"样例证明{n}", "body": "{person.name}系我校学生。",
        "fee": 0, "most": 10, "period_days": 30, "is_open": True, "closed_for": "",
    },
    Certificate: {"state": "asked", "purpose": "升学"},
    Batch: {"people": [], "refused": []},
    Share: lambda n: {"token": f"token-{n}", "code": "123456", "expires_at": datetime(2026, 12, 31, tzinfo=UTC), "views": 0, "most_views": 5},
    Mark: {"credits": 2, "score": 80},
    Income: lambda n: {"month": date(2000 + n % 400 // 12, n % 12 + 1, 1), "gross": 9000, "net": 8000},
}  # fmt: skip
