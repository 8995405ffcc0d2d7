from yanta.kernel.base import KernelConfig


class PortalConfig(KernelConfig):
    name = "yanta.kernel.portal"
    label = "portal"
    verbose_name = "门户"
