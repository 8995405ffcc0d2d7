from yanta.kernel.base import System


class QualityConfig(System):
    name = "yanta.hub.quality"
    label = "quality"
    title = "数据质量"
    area = "数据"
    owner = "网络与信息化中心"
    icon = "checkup-list"
    summary = "质量规则、检查结果、部门得分与整改工单：发现、派发、复核、销号"
