from yanta.kernel.base import System


class ReportingConfig(System):
    name = "yanta.hub.reporting"
    label = "reporting"
    title = "统计上报"
    area = "数据"
    owner = "发展规划处"
    icon = "report-analytics"
    summary = "高基表、高校基本状态数据等法定报表：自动算数、校内核查、分工填报、签字锁定、存档与比对"
    depends_on = ("snapshots", "nodes")
