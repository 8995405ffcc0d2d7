from yanta.kernel.base import System


class PaperworkConfig(System):
    name = "yanta.systems.paperwork"
    title = "制式表格"
    area = "办事"
    owner = "校办"
    icon = "file-text"
    summary = "上级和各部门的 Word、Excel 表原样上传，对应一次数据项，此后人人一键填好，整班整院成批生成"
