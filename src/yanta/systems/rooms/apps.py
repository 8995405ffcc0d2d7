from yanta.kernel.base import System


class RoomsConfig(System):
    name = "yanta.systems.rooms"
    title = "房间借用"
    area = "后勤"
    owner = "后勤处"
    icon = "door"
    summary = "现在哪些教室空着、还能空多久；需要时借用，同一时段不会借给两家"
