from yanta.kernel.base import System


class TimetablesConfig(System):
    name = "yanta.systems.timetables"
    title = "课表与排课"
    area = "教务"
    owner = "教务处"
    icon = "calendar-week"
    summary = "把一个学期的教学任务排成没有冲突的课表，手工调整、比较、发布，办理调课停课补课"
    depends_on = ("offerings", "rooms")
