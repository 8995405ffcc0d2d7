from django.db.models.signals import post_migrate, pre_migrate

from yanta.kernel.base import System


class SharingConfig(System):
    name = "yanta.hub.sharing"
    label = "sharing"
    title = "数据共享"
    area = "数据"
    owner = "网络与信息化中心"
    icon = "share-3"
    summary = "数据集目录、使用申请与来源部门审批、接口/文件/只读库/推送四种交付、读取留痕"

    def ready(self) -> None:
        super().ready()
        from yanta.hub.sharing.agreements import landing
        from yanta.hub.sharing.delivery import schemas

        landing.offer()

        # A view would forbid to alter the columns it reads, so all go before migrations and come back after.
        pre_migrate.connect(schemas.before_migrations, sender=self, dispatch_uid="sharing-views-away")
        post_migrate.connect(schemas.after_migrations, sender=self, dispatch_uid="sharing-views-back")
