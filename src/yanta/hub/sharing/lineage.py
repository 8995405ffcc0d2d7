"""Where shared data go: fields into datasets, datasets to consumers."""

from __future__ import annotations

from yanta.hub.exchange.models import Connection
from yanta.hub.lineage import public as lineage
from yanta.hub.sharing.agreements import landing
from yanta.hub.sharing.models import Agreement, Consumer, Dataset, Grant, Way


@lineage.provider
def shared() -> lineage.Graph:
    """Datasets in service and the grants in force."""
    datasets = Dataset.objects.filter(state__in=Dataset.OPEN).select_related("owner")
    live = Grant.objects.filter(state__in=("active", "suspended")).select_related("dataset", "consumer__unit")
    consumers = {one.consumer_id: one.consumer for one in live}
    nodes = [_dataset(one) for one in datasets] + [_consumer(one) for one in consumers.values()]
    edges = [
        lineage.Edge(f"field:{one.subject}.{name}", f"dataset:{one.code}", "收录")
        for one in datasets
        for name in one.names
    ]
    edges += [
        lineage.Edge(f"dataset:{one.dataset.code}", f"consumer:{one.consumer.code}", _ways(one))
        for one in live
    ]
    return nodes, edges


@lineage.provider
def agreed() -> lineage.Graph:
    """What comes from other schools: their dataset, the agreement, our connection."""
    links = {one.address: one for one in Connection.objects.filter(kind=landing.KIND)}
    taken = Agreement.objects.filter(side=Agreement.Side.TAKES, number__in=list(links)).select_related("unit")
    nodes = [
        lineage.Node(
            "source", f"agreement:{one.number}", f"{one.partner} · {one.title}", f"/sharing/agreements/{one.pk}/", one.partner,
            one.get_state_display(),
        )
        for one in taken
    ]  # fmt: skip
    edges = [
        lineage.Edge(f"agreement:{one.number}", f"source:{links[one.number].code}", "按协议提供")
        for one in taken
    ]
    return nodes, edges


def _dataset(one: Dataset) -> lineage.Node:
    return lineage.Node(
        "dataset",
        f"dataset:{one.code}",
        one.title,
        f"/sharing/datasets/{one.code}/",
        one.owner.name,
        one.meaning[:100],
    )


def _consumer(one: Consumer) -> lineage.Node:
    link = f"/sharing/consumer/{one.pk}/"
    return lineage.Node(
        "consumer", f"consumer:{one.code}", one.title, link, one.unit.name, one.get_kind_display()
    )


def _ways(grant: Grant) -> str:
    return "、".join(Way(one).label for one in grant.ways)
