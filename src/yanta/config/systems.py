"""What is installed, in the order of the storeys; a new system adds one line here."""

from yanta.config import environment

KERNEL = [
    "yanta.kernel.base",
    "yanta.kernel.events",
    "yanta.kernel.audit",
    "yanta.kernel.files",
    "yanta.kernel.jobs",
    "yanta.kernel.codes",
    "yanta.kernel.organisation",
    "yanta.kernel.people",
    "yanta.kernel.identity",
    "yanta.kernel.access",
    "yanta.kernel.notify",
    "yanta.kernel.search",
    "yanta.kernel.resource",
    "yanta.kernel.portal",
]
BUSINESS = [
    "yanta.masterdata",
    "yanta.hub",
    "yanta.systems.equipment",
    "yanta.systems.leave",
    "yanta.systems.rooms",
]


def _landed(name: str) -> bool:
    return environment.PACKAGE.joinpath(*name.split(".")[1:], "apps.py").is_file()


# While the ground floor is being built: run with a few apps only (`YANTA_ONLY=base,codes`).
_ONLY = environment.listed("ONLY")

INSTALLED = [
    name for name in [*KERNEL, *BUSINESS] if _landed(name) and (not _ONLY or name.rpartition(".")[2] in _ONLY)
]
