from yanta.kernel.base import KernelConfig


class NotifyConfig(KernelConfig):
    name = "yanta.kernel.notify"
    label = "notify"
    verbose_name = "消息"
