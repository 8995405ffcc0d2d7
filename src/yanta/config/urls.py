"""Every address of the installation: each installed app that has a `urls` module answers for itself."""

from django.urls import URLPattern, URLResolver, include, path

from yanta.config import environment, health, metrics
from yanta.config.systems import INSTALLED
from yanta.kernel.base.routing import indexed

_every: list[URLPattern | URLResolver] = [
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("metrics", metrics.metrics),
]


def _has_urls(name: str) -> bool:
    return environment.PACKAGE.joinpath(*name.split(".")[1:], "urls.py").is_file()


# An app's own pages come before the addresses that the kernel derives, so these are last.
_DERIVED = "yanta.kernel.resource"
_ORDER = [*(name for name in reversed(INSTALLED) if name != _DERIVED), _DERIVED]
_every += [path("", include(f"{name}.urls")) for name in _ORDER if _has_urls(name)]

urlpatterns = [indexed(path("", include(_every)))]

handler400 = "yanta.kernel.portal.errors.bad_request"
handler403 = "yanta.kernel.portal.errors.forbidden"
handler404 = "yanta.kernel.portal.errors.not_found"
handler500 = "yanta.kernel.portal.errors.server_error"
