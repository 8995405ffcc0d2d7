from yanta.kernel.base import System


class LineageConfig(System):
    name = "yanta.hub.lineage"
    label = "lineage"
    title = "数据血缘"
    area = "数据"
    owner = "网络与信息化中心"
    icon = "sitemap"
    summary = "每个数据从哪里来、用到哪里去：血缘图、影响分析、某值的来龙去脉、任一天的原貌"
