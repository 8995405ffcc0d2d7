"""Rows for suites that make up their data."""

from yanta.kernel.codes.models import NumberRule

EXAMPLES = {NumberRule: {"pattern": "{year:4}{seq:4}"}}
