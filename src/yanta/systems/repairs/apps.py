from yanta.kernel.base import System


class RepairsConfig(System):
    name = "yanta.systems.repairs"
    title = "报修"
    area = "后勤"
    owner = "后勤处"
    icon = "tool"
    depends_on = ("hall",)
    summary = "扫门上的码或选房间报修，按工种、片区和手头活派人，承诺几时修好就按几时亮灯，修完由报修人确认"
