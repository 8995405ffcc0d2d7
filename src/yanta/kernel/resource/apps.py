from yanta.kernel.base import KernelConfig


class ResourceConfig(KernelConfig):
    name = "yanta.kernel.resource"
    label = "resource"
    verbose_name = "资源"
