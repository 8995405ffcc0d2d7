from yanta.kernel.base import System


class DossiersConfig(System):
    name = "yanta.systems.dossiers"
    title = "电子档案"
    area = "办事"
    owner = "档案馆"
    icon = "folders"
    depends_on = ("certificates", "leave", "paperwork")
    summary = (
        "每个人从进校起的过程和事实自动归档：按阶段看、缺什么一目了然，四性检测，借阅有批有记，随时导出封装包"
    )
