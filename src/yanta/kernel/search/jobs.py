"""Making the index anew."""

from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job
from yanta.kernel.search import indexing


@job("重建搜索索引", schedule="30 3 * * *")
def reindex_all(progress: Progress, *, actor: Actor) -> None:
    """Every night, and after the tree changed; may be run again at any time."""
    entries = indexing.reindex(progress=progress.step)
    progress.finish(text=f"共 {entries} 条可以搜到", entries=entries)
