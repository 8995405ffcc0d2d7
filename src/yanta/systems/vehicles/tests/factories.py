"""Rows of the fleet that keep the rules."""

from datetime import UTC, date, datetime, timedelta

from yanta.systems.vehicles.models import Driver, Fuel, Ride, Run, Vehicle

AT = datetime(2026, 11, 23, 1, tzinfo=UTC)
EXAMPLES = {
    Vehicle: lambda n: {
        "plate": f"陕A{n:05d}",
        "seats": 5,
        "inspected_until": date(2027, 6, 30),
        "insured_until": date(2027, 6, 30),
    },
    Driver: {"licence": "A1", "licence_until": date(2030, 1, 1), "is_on_duty": True},
    Run: lambda n: {
        "starts_at": AT + timedelta(days=n),
        "ends_at": AT + timedelta(days=n, hours=3),
        "status": "planned",
    },
    Ride: lambda n: {
        "starts_at": AT + timedelta(days=n),
        "ends_at": AT + timedelta(days=n, hours=3),
        "people": 2,
    },
    Fuel: {"litres": 40, "amount": 300},
}
