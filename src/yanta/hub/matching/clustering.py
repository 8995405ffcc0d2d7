"""From scored pairs to people: everything that hangs together, unless something in it forbids it.

Components without any contradiction are accepted as they are, set at a time. In the others every pair is
scored and clusters grow from the strongest pair down, refusing to join what has a veto across it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from .settings import Settings

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SAME = 1e3  # evidence that stands for a person's verdict
FORBIDDEN = -100.0  # and for two rows that nothing but such a verdict can join


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
    """Scored pairs of rows: evidence without the prior, and the part each comparison has in it.

    `own` says that they agree on something only one person has, `named` that their names agree; pairs that
    are neither may be brother and sister.
    """

    left: Ints
    right: Ints
    evidence: Floats
    own: Flags
    named: Flags
    parts: Floats

    def of(self, chosen: Flags | Ints | slice) -> "Edges":
        """The chosen edges."""
        return Edges(*(getattr(self, each.name)[chosen] for each in fields(self)))

    def and_verdicts(self, pairs: Ints, evidence: Floats) -> "Edges":
        """Verdicts take the place of what the rows say."""
        n = 1 + max(self.right.max(initial=0), pairs.max(initial=0))
        rest = self.of(~np.isin(self.left * n + self.right, pairs[:, 0] * n + pairs[:, 1]))
        none = np.zeros((len(pairs), self.parts.shape[1]))
        said = evidence > 0
        added = (pairs[:, 0], pairs[:, 1], evidence, said, said, none)
        return Edges(
            *(np.concatenate([getattr(rest, f.name), a]) for f, a in zip(fields(self), added, strict=True))
        )


def grow(n: int, edges: Edges, *, prior: float, settings: Settings) -> Ints:
    """What hangs together by any pair worth a doubt; too large a component by stronger and stronger pairs only."""
    bits = edges.evidence + prior
    label = components(n, edges.left, edges.right)
    for least in (settings.accept, settings.accept + 10, settings.accept + 20):
        large = np.bincount(label, minlength=n)[label] > settings.largest_component
        if not large.any():
            break
        strong = edges.of(large[edges.left] & (bits >= least))
        label = np.where(large, components(n, strong.left, strong.right), label)
    return label


@dataclass
class Component:
    """Rows that hang together, as a matrix of evidence between them."""

    evidence: Floats
    parts: Floats
    known: Flags
    prior: float
    contested: bool

    @classmethod
    def of(cls, members: Ints, edges: Edges, *, prior: float, person: Ints) -> "Component":
        """Rows that were never compared have no evidence either way; bound people stay apart."""
        size = len(members)
        evidence, known = np.zeros((size, size)), np.zeros((size, size), dtype=bool)
        parts = np.full((size, size, edges.parts.shape[1]), -np.inf)
        a, b = np.searchsorted(members, edges.left), np.searchsorted(members, edges.right)
        evidence[a, b] = evidence[b, a] = edges.evidence
        known[a, b] = known[b, a] = edges.own | edges.named
        parts[a, b] = parts[b, a] = np.where(edges.parts != 0, edges.parts, -np.inf)
        bound = person[members]
        evidence[(bound[:, None] != bound) & (bound[:, None] >= 0) & (bound >= 0)] = -SAME
        return cls(evidence, parts, known, prior, bool((evidence <= FORBIDDEN).any()))

    def split(self, pieces: Ints, settings: Settings) -> Ints:
        """Cluster number of each member, grown from the pieces that keys of their own hold together."""
        label = self._start(pieces)
        for a, b in self._strongest_first(settings):
            if label[a] != label[b] and self._may_join(label, a, b, settings):
                label[label == label[b]] = label[a]
        return label

    def _start(self, pieces: Ints) -> Ints:
        """The pieces, or every row by itself if anything speaks against a piece."""
        doubted = (self.evidence < 0) & (pieces[:, None] == pieces)
        return np.arange(len(pieces)) if doubted.any() else pieces.copy()

    def _strongest_first(self, settings: Settings) -> Iterator[tuple[int, int]]:
        a, b = np.nonzero(np.triu(self.evidence + self.prior >= settings.doubt))
        for n in np.argsort(-self.evidence[a, b], kind="stable"):
            yield int(a[n]), int(b[n])

    def _may_join(self, label: Ints, a: int, b: int, settings: Settings) -> bool:
        one, other = label == label[a], label == label[b]
        between = np.ix_(one, other)
        across = self.evidence[between]
        if across.max() >= SAME:
            return bool(across.min() > -SAME)
        if across.min() <= FORBIDDEN or across.mean() < 0 or not self._pooled_suffices(between, settings):
            return False
        return not self.contested or not (
            self._torn(one, other, settings) or self._torn(other, one, settings)
        )

    def _pooled_suffices(self, between: tuple[Ints, ...], settings: Settings) -> bool:
        """Two clusters compared like two rows: in each comparison the best that any two of their rows say.

        A row that states little agrees easily; what the others of its cluster state counts as well. Without
        a key of one person's own the names must agree: all else brothers and sisters may share.
        """
        if not self.known[between].any():
            return False
        best = self.parts[between].max(axis=(0, 1))
        return float(best[np.isfinite(best)].sum()) + self.prior >= settings.accept

    def _torn(self, rows: Flags, chosen: Flags, settings: Settings) -> bool:
        """True if the rows fit somebody else, who cannot be the chosen one, nearly as well."""
        fit = self.evidence[rows].max(axis=0)
        rivals = (
            (fit > fit[chosen].max() - settings.margin)
            & (fit + self.prior >= settings.accept)
            & ~rows
            & ~chosen
        )
        return bool(rivals.any() and (self.evidence[np.ix_(rivals, chosen)] <= FORBIDDEN).any())


def divide(
    label: Ints, pieces: Ints, suspects: Ints, edges: Edges, *, prior: float, settings: Settings, person: Ints
) -> Ints:
    """Label again, by the smallest row, the rows of the suspect components; edges are theirs alone."""
    result = label.copy()
    rows = np.flatnonzero(np.isin(label, suspects))
    rows = rows[np.argsort(label[rows], kind="stable")]
    edges = edges.of(np.argsort(label[edges.left], kind="stable"))
    row_from, row_to = _ranges(label[rows], suspects)
    edge_from, edge_to = _ranges(label[edges.left], suspects)
    for n in range(len(suspects)):
        members = rows[row_from[n] : row_to[n]]
        own = edges.of(slice(edge_from[n], edge_to[n]))
        parts = Component.of(members, own, prior=prior, person=person).split(pieces[members], settings)
        for part in np.unique(parts):
            result[members[parts == part]] = members[parts == part].min()
    return result


def _ranges(ordered: Ints, wanted: Ints) -> tuple[Ints, Ints]:
    """Where each wanted value begins and ends among ordered ones."""
    return np.searchsorted(ordered, wanted), np.searchsorted(ordered, wanted, side="right")
