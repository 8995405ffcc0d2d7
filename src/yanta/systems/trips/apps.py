from yanta.kernel.base import System


class TripsConfig(System):
    name = "yanta.systems.trips"
    title = "出差"
    area = "人事"
    owner = "人事处"
    icon = "briefcase"
    summary = "出差前审批：按目的地和职级算出标准内的费用，指出撞了哪几节课，批准后进日历，回来报告变化"
    depends_on = ("timetables",)
