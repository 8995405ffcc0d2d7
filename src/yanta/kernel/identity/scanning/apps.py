from yanta.kernel.base import KernelConfig


class ScanningConfig(KernelConfig):
    name = "yanta.kernel.identity.scanning"
    label = "scanning"
    verbose_name = "扫码登录"
