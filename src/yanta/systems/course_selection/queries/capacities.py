"""Where the seats of a place are not as many as its section holds."""

from __future__ import annotations

from django.db.models import Sum

from yanta.masterdata.models import Term
from yanta.systems.course_selection.models import Place
from yanta.systems.offerings import public as offerings


def differing(term: Term) -> dict[int, int]:
    """Open place → how many its section holds; two queries for the term."""
    said = offerings.capacities_of(term.pk)
    places = Place.objects.filter(term=term, is_open=True, section_id__in=said).order_by()
    rows = places.values_list("pk", "section_id").annotate(seats=Sum("pools__capacity"))
    return {place: said[section] for place, section, seats in rows if (seats or 0) != said[section]}
