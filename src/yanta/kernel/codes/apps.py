from yanta.kernel.base import KernelConfig


class CodesConfig(KernelConfig):
    name = "yanta.kernel.codes"
    label = "codes"
    verbose_name = "信息编码"

    def ready(self) -> None:
        super().ready()
        from yanta.kernel.codes import api, checks, refreshing  # noqa: F401 - they register themselves
