from yanta.kernel.base import KernelConfig


class AccessConfig(KernelConfig):
    name = "yanta.kernel.access"
    label = "access"
    verbose_name = "权限"
