"""Addresses found by how they begin: a school of thirty systems has two thousand, and Django tries them one by one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from django.urls import ResolverMatch, URLPattern, URLResolver
from django.urls.resolvers import RoutePattern

Start = tuple[str, ...]


class IndexedResolver(URLResolver):
    """Asks, in their order, only those addresses whose first `depth` steps are those of the path, and those that begin with a variable."""

    depth = 1

    def resolve(self, path: str) -> ResolverMatch:
        found = self.pattern.match(str(path))
        start = _steps(found[0])[: self.depth] if found else ()
        return self._by_start.get(start, self._others).resolve(path)

    @cached_property
    def _by_start(self) -> dict[Start, URLResolver]:
        return {start: self._of(start) for start in set().union(*self._starts) if start is not None}

    @cached_property
    def _others(self) -> URLResolver:
        return self._of(None)

    @cached_property
    def _starts(self) -> list[set[Start | None]]:
        return [set(_starts_of(one, self.depth)) for one in self.url_patterns]

    def _of(self, start: Start | None) -> URLResolver:
        """The same resolver with fewer addresses, so that what it answers is Django's own."""
        kept = [
            one for one, starts in zip(self.url_patterns, self._starts, strict=True)
            if start in starts or None in starts
        ]  # fmt: skip
        return URLResolver(self.pattern, kept, self.default_kwargs, self.app_name, self.namespace)


def indexed(resolver: Any, *, depth: int = 1) -> IndexedResolver:
    """`indexed(path("api/", include(…)), depth=2)`."""
    made = IndexedResolver(
        resolver.pattern,
        resolver.urlconf_name,
        resolver.default_kwargs,
        resolver.app_name,
        resolver.namespace,
    )
    made.depth = depth
    return made


def _steps(path: str) -> Start:
    return tuple(step for step in path.split("/") if step)


def _starts_of(one: URLPattern | URLResolver, depth: int) -> Iterator[Start | None]:
    """How a path may begin that this address answers; None when it begins with what varies."""
    route = str(one.pattern) if isinstance(one.pattern, RoutePattern) else None
    if route == "" and isinstance(one, URLResolver):
        for below in one.url_patterns:
            yield from _starts_of(below, depth)
        return
    steps = _steps(route) if route is not None else ()
    fixed = steps[:depth]
    goes_on = isinstance(one, URLResolver) and (len(steps) < depth or not str(route).endswith("/"))
    varies = route is None or goes_on or any("<" in step for step in fixed)
    yield None if varies else fixed
