from yanta.kernel.base import System


class LeaveConfig(System):
    name = "yanta.systems.leave"
    title = "学生请假"
    area = "学工"
    owner = "学工部"
    icon = "plane-departure"
    summary = "学生在手机上请假，辅导员、学院按天数批准，回来销假；超期未销假自动提醒"
