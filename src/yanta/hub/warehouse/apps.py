from yanta.kernel.base import System


class WarehouseConfig(System):
    name = "yanta.hub.warehouse"
    label = "warehouse"
    title = "数据仓库与决策支持"
    area = "数据"
    owner = "网络与信息化中心"
    icon = "chart-histogram"
    summary = "指标口径与数值、看板、综合查询、大批量导出：每个数字都能点到行，也能点到口径"
