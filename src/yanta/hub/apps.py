from yanta.kernel.base import System


class HubConfig(System):
    name = "yanta.hub"
    label = "hub"
    title = "数据中心"
    area = "数据"
    owner = "网络与信息化中心"
    icon = "database"
    summary = "各部门数据的接入、清洗、归并、质量与溯源：一数一源，一人一号"
