from yanta.kernel.base import System


class SnapshotsConfig(System):
    name = "yanta.hub.snapshots"
    label = "snapshots"
    title = "数据快照"
    area = "数据"
    owner = "网络与信息化中心"
    icon = "camera"
    summary = "按时点、学年、自然年冻结全校数据：冻结后不可更改，随时验证，任意两份可逐项比对"
