"""Papers that belong to a matter: whoever makes them says so, and the pages of the matter offer them.

```python
@papers
def forms_of(instance, actor): ...  # Paper("请假审批单", "/paperwork/issued/7/file/", icon="file-type-pdf")
```
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yanta.kernel.base import Actor

if TYPE_CHECKING:
    from yanta.kernel.workflow.models import Instance


@dataclass(frozen=True, slots=True)
class Paper:
    """One document to be had; `note` says what it is good for."""

    title: str
    url: str
    note: str = ""
    icon: str = "file-type-pdf"


Provider = Callable[["Instance", Actor], Iterable[Paper]]
_providers: list[Provider] = []


def papers(provider: Provider) -> Provider:
    """Decorator: the papers of a matter for somebody who may see the matter."""
    _providers.append(provider)
    return provider


def papers_of(instance: Instance | None, actor: Actor) -> list[Paper]:
    """Everything that can be had for a matter; nothing where there is no process."""
    return [] if instance is None else [one for provider in _providers for one in provider(instance, actor)]
