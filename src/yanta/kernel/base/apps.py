from django.db.models.signals import post_migrate

from yanta.kernel.base import KernelConfig


class BaseConfig(KernelConfig):
    name = "yanta.kernel.base"
    label = "base"
    verbose_name = "基础"

    def ready(self) -> None:
        from yanta.kernel.base import history

        post_migrate.connect(history.plan_steadily, sender=self, dispatch_uid="base-steady-history")
        super().ready()
