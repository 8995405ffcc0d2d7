from yanta.kernel.base import KernelConfig


class PeopleConfig(KernelConfig):
    name = "yanta.kernel.people"
    label = "people"
    verbose_name = "人员"
