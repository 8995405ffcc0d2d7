from yanta.kernel.base import System


class OfferingsConfig(System):
    name = "yanta.systems.offerings"
    title = "开课与教学任务"
    area = "教务"
    owner = "教务处"
    icon = "clipboard-list"
    summary = "每学期开哪些课、分几个教学班、谁来上、要什么教室；按培养方案生成，学院确认后排课"
    depends_on = ("curricula",)
