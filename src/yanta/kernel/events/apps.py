from yanta.kernel.base import KernelConfig


class EventsConfig(KernelConfig):
    name = "yanta.kernel.events"
    label = "events"
    verbose_name = "事件"
