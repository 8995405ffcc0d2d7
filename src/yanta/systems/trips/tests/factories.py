"""A trip within the country that keeps the rules."""

from datetime import date, timedelta

from yanta.systems.trips.models import Allowance, Trip

EXAMPLES = {
    Allowance: lambda n: {"place": f"某市{n}", "first": 800, "second": 500, "third": 350},
    Trip: lambda n: {
        "starts_on": date(2026, 12, 1) + timedelta(days=n * 3), "ends_on": date(2026, 12, 2) + timedelta(days=n * 3), "country": "",
        "allowance": Allowance.objects.get_or_create(
            place="样例市", defaults={"first": 800, "second": 500, "third": 350, "source": "样例"}
        )[0],
    },
}  # fmt: skip
