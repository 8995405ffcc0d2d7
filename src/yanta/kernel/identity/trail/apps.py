from yanta.kernel.base import KernelConfig


class TrailConfig(KernelConfig):
    name = "yanta.kernel.identity.trail"
    label = "trail"
    verbose_name = "日志留存"
