"""What this installation is: one software for schools and authorities. All that the level changes is said here."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Level:
    """`lower` are the levels whose packages are accepted, `upper` those one may report to."""

    code: str
    title: str
    lower: tuple[str, ...]
    upper: tuple[str, ...]
    called: str

    @property
    def collects(self) -> bool:
        """Whether there is a region to show: register of nodes, held rows, aggregates, shared persons."""
        return bool(self.lower)

    @property
    def reports(self) -> bool:
        """Whether there is somebody to report to: streams, packages, receipts, feedback."""
        return bool(self.upper)


LEVELS = {
    level.code: level
    for level in (
        Level("school", "学校", (), ("county", "city", "province", "nation"), "本校"),
        Level("county", "区县", ("school",), ("city", "province", "nation"), "全区县"),
        Level("city", "市", ("school", "county"), ("province", "nation"), "全市"),
        Level("province", "省", ("school", "county", "city"), ("nation",), "全省"),
        Level("nation", "国家", ("school", "county", "city", "province"), (), "全国"),
    )
}
CHOICES = [(level.code, level.title) for level in LEVELS.values()]


def own() -> Level:
    return LEVELS[settings.YANTA_NODE_LEVEL]


def own_code() -> str:
    return str(settings.YANTA_NODE_CODE)


def own_name() -> str:
    return str(settings.YANTA_NODE_NAME)
