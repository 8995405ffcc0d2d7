"""Every address of the installation: each installed app that has a `urls` module answers for itself."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from yanta.config import health
from yanta.config.systems import INSTALLED

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.alive),
    path("readyz", health.ready),
]
urlpatterns += [path("", include(f"{name}.urls")) for name in reversed(INSTALLED) if find_spec(f"{name}.urls")]
