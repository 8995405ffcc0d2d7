"""Events and their deliveries, for the information centre."""

from yanta.kernel.events import services
from yanta.kernel.events.models import Delivery, OutboxEvent
from yanta.kernel.resource import Related, Resource, Section, register


@register
class DeliveryResource(Resource):
    """Where a handler failed: what, how often, with which error."""

    model = Delivery
    title = "事件投递"
    owner = "信息中心"
    icon = "mailbox"
    columns = ["event", "handler", "state", "attempts", "due_at", "error"]
    filters = ["state", "handler"]
    search = ["handler", "event__name", "error"]
    in_search = False
    facts = [Section("投递", ["event", "handler", "state", "attempts", "due_at", "finished_at", "error"])]
    actions = [services.revive]
    access = {"engineer": "view export", "auditor": "view export"}


@register
class OutboxEventResource(Resource):
    model = OutboxEvent  # type: ignore[assignment]  # a log; a Record would bring columns that change
    title = "事件"
    owner = "信息中心"
    icon = "bolt"
    columns = ["name", "published_at", "fanned_out_at"]
    filters = ["name", "published_at"]
    search = ["name"]
    in_search = False
    facts = [Section("事件", ["name", "published_at", "fanned_out_at"])]
    related = [Related("投递", Delivery, "event", ["handler", "state", "attempts", "error"])]
    access = {"engineer": "view export", "auditor": "view export"}
