"""Thirty official forms of our own making, as universities hand them round: for tests, measurements and the demo school."""

from yanta.kernel.documents.samples.building import Sample, build
from yanta.kernel.documents.samples.staff import STAFF
from yanta.kernel.documents.samples.students import STUDENTS

SAMPLES: dict[str, Sample] = {one.key: one for one in (*STUDENTS, *STAFF)}

__all__ = ["SAMPLES", "Sample", "build"]
