"""Certificates as people look for them in the service hall; who decides, where anybody does, is the kind's own rule."""

from __future__ import annotations

from yanta.kernel.workflow.offering import Material, service

service(
    "certificate", "在读证明等各类证明", area="教务", owner="教务处", url="/certificates/", who=("student", "teacher"), channel="self",
    icon="certificate",
    guide="在读、成绩、在职等证明自己打印：内容由学校已有的数据写成，盖电子签章，扫码可验真伪。多数当场办结，需要审批的会说明。",
    basis=("《证明材料自助开具办法》",), materials=(Material("学籍或任职信息", element="person.name"),), days=1,
    words=("在读证明", "成绩单", "在职证明", "打印证明", "盖章"), order=5,
)  # fmt: skip
