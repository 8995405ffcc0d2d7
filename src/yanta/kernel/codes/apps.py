from yanta.kernel.base import KernelConfig


class CodesConfig(KernelConfig):
    name = "yanta.kernel.codes"
    label = "codes"
    verbose_name = "信息编码"

    def ready(self) -> None:
        super().ready()
        from yanta.kernel.codes import checks, refreshing  # noqa: F401 - both register themselves
