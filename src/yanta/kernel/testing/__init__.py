"""What every test may use: people who act, the events they caused, a clock that stands still.

The fixtures are in `fixtures` (loaded for every test run), the makers of kernel rows in `factories`.
"""

from yanta.kernel.testing.happenings import audited, deliver, published

__all__ = ["audited", "deliver", "published"]
