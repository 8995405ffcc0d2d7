"""The manifest of a kernel package or a business system."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import ClassVar

from django.apps import AppConfig, apps

# What a package may bring along; each is imported once, when all models are known.
DECLARATIONS = (
    "checks", "codes", "events", "handlers", "jobs", "services", "resources", "cards", "reports", "lineage",
    "indicators", "elements", "relations", "workflows",
)  # fmt: skip


class KernelConfig(AppConfig):
    """A Django app that brings declarations along."""

    default_auto_field = "django.db.models.BigAutoField"
    default = False

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        # Django looks for the one default configuration of a package; only these base classes are none.
        cls.default = "default" not in vars(cls)

    def ready(self) -> None:
        for name in DECLARATIONS:
            module = f"{self.name}.{name}"
            if find_spec(module) is not None:
                import_module(module)


class System(KernelConfig):
    """A business system: its title, the area of the menu, the department that owns it, whom it may call."""

    title: ClassVar[str]
    area: ClassVar[str]
    owner: ClassVar[str]
    icon: ClassVar[str] = "apps"
    summary: ClassVar[str] = ""
    depends_on: ClassVar[tuple[str, ...]] = ()
    default = False

    def ready(self) -> None:
        self.verbose_name = self.title
        super().ready()


def areas() -> list[str]:
    """The areas of the menu, each once; services and whatever else people look for stand in the same."""
    return list(dict.fromkeys(config.area for config in installed_systems()))


def installed_systems() -> list[System]:
    """Every installed business system, in the order of the installation list."""
    return [config for config in apps.get_app_configs() if isinstance(config, System)]
