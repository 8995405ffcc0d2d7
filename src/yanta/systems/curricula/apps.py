from yanta.kernel.base import System


class CurriculaConfig(System):
    name = "yanta.systems.curricula"
    title = "培养方案"
    area = "教务"
    owner = "教务处"
    icon = "certificate"
    summary = "各专业各年级学什么、几学分、先学什么；每个学生随时看到自己已修、在修、还差什么"
