"""Rows that keep the rules of the hall."""

from django.utils import timezone

from yanta.systems.hall.models import Design, Matter, Rating

EXAMPLES = {
    Design: lambda n: {"key": f"service-{n}", "students": True, "area": "后勤", "process": "hall.handling"},
    Matter: lambda n: {"number": f"2026112100{n:04d}", "handed_in_at": timezone.now(), "subject_id": None},
    Rating: lambda n: {"stars": 5, "answer_due_on": None, "answered_on": None},
}
