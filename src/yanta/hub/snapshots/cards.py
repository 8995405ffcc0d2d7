"""Snapshots in the menu."""

from yanta.kernel.portal.cards import Place, places


@places
def pages() -> list[Place]:
    """The comparison, beside the list that is a place already."""
    return [
        Place(
            title="快照比对", url="/snapshots/compare/", area="数据", icon="arrows-diff",
            summary="两份快照之间，或与现在相比：新增、减少、变更", permission="snapshots.snapshot.view", in_menu=False,
        )
    ]  # fmt: skip
