"""What the warehouse says to people."""

from yanta.kernel.notify import template

template(
    "warehouse.disagreement",
    title="数字不一致：{{ name }}",
    body="一处是 {{ left }}，另一处是 {{ right }}。请核对后说明原因，或改正其中一个。",
    icon="arrows-diff",
)
template(
    "warehouse.question-answered",
    title="定时查询“{{ name }}”：{{ told }}",
    body="{{ more }}",
    icon="clock-play",
)
template(
    "warehouse.export-ready",
    title="导出完成：{{ name }}，{{ rows }} 行",
    body="文件保留到 {{ until }}。",
    icon="download",
)
