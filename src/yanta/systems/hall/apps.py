from yanta.kernel.base import System


class HallConfig(System):
    name = "yanta.systems.hall"
    title = "办事大厅"
    area = "办事"
    owner = "信息中心"
    icon = "building-community"
    summary = "全校事项一个入口：学校已有的不再填、不再交，办到哪一步看得见，办完可以评价"
