"""What pipelines say to people."""

from yanta.kernel.notify import template

template(
    "pipelines.silent",
    title="数据来源沉默：{{ title }}",
    body="应每 {{ minutes }} 分钟内有数据，上次有数据是 {{ heard }}。请联系来源系统，或核对定时与连接。",
    icon="volume-off",
)
template(
    "pipelines.failed",
    title="数据管道未完成：{{ title }}",
    body="{{ reason }}{% if retry %} 将于 {{ retry }} 自动重试。{% endif %}",
    icon="alert-triangle",
)
template(
    "pipelines.disputed",
    title="{{ unit }}对“{{ title }}”的对账单有异议",
    body="{{ reason }}",
    icon="flag",
)
