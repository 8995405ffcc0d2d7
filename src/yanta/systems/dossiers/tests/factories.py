"""Where a made-up value would break a rule of the models."""

from yanta.systems.dossiers.models import Dossier, Entry, Inspection, Loan

EXAMPLES = {
    Dossier: lambda n: {"kind": "student", "number": f"D{n:06d}"},
    Entry: lambda n: {"serial": n, "replaces": None, "secrecy": "internal", "period": "study", "facts": []},
    Inspection: {"findings": []},
    Loan: {"days": 7, "periods": ["study"]},
}
