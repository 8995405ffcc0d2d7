"""What the protocols, and whoever else, may use of the registry.

A protocol keeps its own settings in a model that points to `applications.Application`, asks `admit` at its doors,
notes each ticket with `enter`, writes `granted` and `refused`, and declares `@channel` for signing out.
"""

from yanta.sso.applications.access import decide
from yanta.sso.applications.admission import Admitted, Declined, Wish, admit, refusal_page, wanted_from
from yanta.sso.applications.decisions import granted, record, refused
from yanta.sso.applications.models import Application, Entry, SsoSession
from yanta.sso.applications.people import (
    Holder,
    named_for_cas,
    pairwise_id,
    releases_of,
    stable_subject_for,
    subject_for,
    values_for,
)
from yanta.sso.applications.protocols import Kit, Protocol, Sample, Setting, register
from yanta.sso.applications.rules import Place, is_same, is_under, place_of
from yanta.sso.applications.services import refusal_to_change
from yanta.sso.applications.sessions import enter, enter_once, is_live, leave, session_of, touch
from yanta.sso.applications.signing_out import Letter, channel, front_page, on_ending

__all__ = [
    "Admitted", "Application", "Declined", "Entry", "Holder", "Kit", "Letter", "Place", "Protocol", "Sample", "Setting",
    "SsoSession", "Wish", "admit", "channel", "decide", "enter", "enter_once", "front_page", "granted", "is_live", "is_same",
    "is_under", "leave", "named_for_cas", "on_ending", "pairwise_id", "place_of", "record", "refusal_page", "refusal_to_change", "refused",
    "register", "releases_of", "session_of", "stable_subject_for", "subject_for", "touch", "values_for", "wanted_from",
]  # fmt: skip
