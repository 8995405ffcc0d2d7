from yanta.kernel.base import System


class MasterdataConfig(System):
    name = "yanta.masterdata"
    title = "基础数据"
    area = "数据"
    owner = "信息中心"
    icon = "database"
    summary = "学期、校区、楼宇、房间、专业、课程、班级、学生、教职工：全校共用的名词，每项一个来源"
