from yanta.kernel.base import System


class CourseSelectionConfig(System):
    name = "yanta.systems.course_selection"
    title = "选课"
    area = "教务"
    owner = "教务处"
    icon = "hand-click"
    summary = "预选抽签、正选、补退选；每一次提交都有回执号，座位不会超，候补按先后自动递补"
    depends_on = ("curricula", "offerings")
