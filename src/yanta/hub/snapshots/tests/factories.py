"""A frozen snapshot without files, for checks of the plumbing."""

from yanta.hub.snapshots.models import Part, Snapshot

EXAMPLES = {
    Snapshot: lambda n: {"clock": "manual", "title": f"样快照 {n}"},
    Part: lambda n: {"fields": [], "subject": f"s{n}"},
}
