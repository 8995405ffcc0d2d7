from yanta.kernel.base import System


class NodesConfig(System):
    name = "yanta.hub.nodes"
    label = "nodes"
    title = "节点与上报"
    area = "数据"
    owner = "网络与信息化中心"
    icon = "affiliate"
    summary = "学校向县、市、省逐级上报数据：签名、回执、续传、校验、数据回流与区域汇总"
