"""From scored pairs to people: everything that hangs together, unless something in it forbids it.

Components without any contradiction are accepted as they are, set at a time. In the others every pair is
scored and clusters grow from the strongest pair down, refusing to join what has a veto across it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .settings import Settings

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SAME = 1e3  # evidence that stands for a person's verdict


def components(n: int, left: Ints, right: Ints) -> Ints:
    """The smallest row reachable from each row."""
    label = np.arange(n, dtype=np.int64)
    while True:
        low = np.minimum(label[left], label[right])
        following = label.copy()
        np.minimum.at(following, label[left], low)
        np.minimum.at(following, label[right], low)
        following = following[following]
        while not np.array_equal(following, following[following]):
            following = following[following]
        if np.array_equal(following, label):
            return label
        label = following


@dataclass(frozen=True)
class Edges:
    """Scored pairs of rows: evidence without the prior; kin may be asked about but not joined."""

    left: Ints
    right: Ints
    evidence: Floats
    kin: Flags

    def of(self, chosen: Flags | Ints) -> "Edges":
        """The chosen edges."""
        return Edges(self.left[chosen], self.right[chosen], self.evidence[chosen], self.kin[chosen])


@dataclass
class Component:
    """Rows that hang together, as a matrix of evidence between them."""

    evidence: Floats
    joins: Flags

    @classmethod
    def of(cls, members: Ints, edges: Edges, *, threshold: float, person: Ints) -> "Component":
        """Rows that were never compared have no evidence either way; bound people stay apart."""
        size = len(members)
        evidence, joins = np.zeros((size, size)), np.zeros((size, size), dtype=bool)
        a, b = np.searchsorted(members, edges.left), np.searchsorted(members, edges.right)
        evidence[a, b] = evidence[b, a] = edges.evidence
        joins[a, b] = joins[b, a] = (edges.evidence >= threshold) & ~edges.kin
        bound = person[members]
        apart = (bound[:, None] != bound) & (bound[:, None] >= 0) & (bound >= 0)
        evidence[apart], joins[apart] = -SAME, False
        return cls(evidence, joins)

    def split(self, settings: Settings) -> Ints:
        """Cluster number of each member."""
        label = np.arange(len(self.evidence))
        for a, b in self._strongest_first():
            if label[a] != label[b] and self._may_join(label, a, b, settings):
                label[label == label[b]] = label[a]
        return label

    def _strongest_first(self) -> Iterator[tuple[int, int]]:
        a, b = np.nonzero(np.triu(self.joins))
        for n in np.argsort(-self.evidence[a, b], kind="stable"):
            yield int(a[n]), int(b[n])

    def _may_join(self, label: Ints, a: int, b: int, settings: Settings) -> bool:
        one, other = label == label[a], label == label[b]
        across = self.evidence[np.ix_(one, other)]
        if across.max() >= SAME:
            return bool(across.min() > -SAME)
        if across.min() <= settings.veto or across.mean() < 0:
            return False
        return not (self._torn(one, other, settings) or self._torn(other, one, settings))

    def _torn(self, rows: Flags, chosen: Flags, settings: Settings) -> bool:
        """True if the rows fit somebody else, who cannot be the chosen one, nearly as well."""
        fit = np.where(self.joins[rows], self.evidence[rows], -np.inf).max(axis=0)
        best = fit[chosen].max()
        rivals = (fit > best - settings.margin) & ~rows & ~chosen
        return bool(rivals.any() and (self.evidence[np.ix_(rivals, chosen)] <= settings.veto).any())


def divide(
    label: Ints, suspects: Ints, edges: Edges, *, threshold: float, settings: Settings, person: Ints
) -> Ints:
    """Label again, by the smallest row, the rows of the suspect components; edges are theirs alone."""
    result = label.copy()
    rows = np.flatnonzero(np.isin(label, suspects))
    rows = rows[np.argsort(label[rows], kind="stable")]
    of_edge = label[edges.left]
    edges = edges.of(np.argsort(of_edge, kind="stable"))
    of_edge = np.sort(of_edge)
    for suspect in suspects:
        members = rows[np.searchsorted(label[rows], suspect) : np.searchsorted(label[rows], suspect, side="right")]
        own = edges.of(np.arange(np.searchsorted(of_edge, suspect), np.searchsorted(of_edge, suspect, side="right")))
        parts = Component.of(members, own, threshold=threshold, person=person).split(settings)
        for part in np.unique(parts):
            result[members[parts == part]] = members[parts == part].min()
    return result
