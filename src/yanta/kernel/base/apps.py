from yanta.kernel.base import KernelConfig


class BaseConfig(KernelConfig):
    name = "yanta.kernel.base"
    label = "base"
    verbose_name = "基础"
