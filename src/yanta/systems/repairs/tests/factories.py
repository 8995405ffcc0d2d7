"""Rows of a repair that keep the rules."""

from datetime import UTC, datetime

from yanta.systems.repairs.models import Category, Job, Order, Worker

AT = datetime(2026, 11, 20, 1, tzinfo=UTC)
EXAMPLES = {
    Category: lambda n: {"name": f"故障{n}", "hours": 24, "urgent_hours": 4},
    Worker: {"is_on_duty": True, "trade": "water"},
    Order: {"reported_at": AT, "promised_at": datetime(2026, 11, 21, 1, tzinfo=UTC), "status": "reported"},
    Job: {"assigned_at": AT, "status": "finished"},
}
