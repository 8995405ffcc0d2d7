from yanta.kernel.base import System


class PipelinesConfig(System):
    name = "yanta.hub.pipelines"
    label = "pipelines"
    title = "数据管道"
    area = "数据"
    owner = "网络与信息化中心"
    icon = "git-merge"
    summary = "从来源表到数据主题：映射、清洗、对照、比对、入库，每次运行一份双方可见的签名对账单"
    depends_on = ("yanta.hub.exchange",)

    def ready(self) -> None:
        super().ready()
        from yanta.hub.pipelines import declared

        declared.discover()
