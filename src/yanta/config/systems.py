"""What is installed, in the order of the storeys; a new system adds one line here."""

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

INSTALLED = [*KERNEL, *BUSINESS]
