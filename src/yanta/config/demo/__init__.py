"""The demo school: a whole university, the same every time, that nobody really attends."""

from yanta.config.demo.build import SIZES, Size, build

__all__ = ["SIZES", "Size", "build"]
