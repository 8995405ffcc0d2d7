from yanta.kernel.base import System


class EquipmentConfig(System):
    name = "yanta.systems.equipment"
    title = "仪器设备"
    area = "资产"
    owner = "资产处"
    icon = "microscope"
    summary = "仪器设备从验收入账到报废的台账：谁保管、在哪里、值多少、状态如何"
