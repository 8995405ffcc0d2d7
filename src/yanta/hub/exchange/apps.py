from yanta.kernel.base import System


class ExchangeConfig(System):
    name = "yanta.hub.exchange"
    label = "exchange"
    title = "数据交换"
    area = "数据"
    owner = "网络与信息化中心"
    icon = "plug-connected"
    summary = "校内外系统的连接：读取、捕获变更、写出、中间库，结构变化先提请再采纳"
