"""What quality says to people."""

from yanta.kernel.notify import template

template(
    "quality.orders-opened",
    title="{{ number }} 张数据整改工单待处理",
    body="最近期限 {{ due }}：{{ first }}",
    icon="clipboard-check",
)
template(
    "quality.order-returned",
    title="复核未通过，还剩 {{ left }} 行：{{ title }}",
    body="请改好余下的行后再次申请复核。",
    icon="arrow-back-up",
)
template("quality.order-closed", title="整改工单已关闭：{{ title }}", body="{{ why }}", icon="circle-check")
template(
    "quality.order-reminder",
    title="整改工单{{ when }}：{{ title }}",
    body="期限 {{ due }}，还剩 {{ left }} 行。",
    icon="clock-exclamation",
)
template(
    "quality.blocking-found",
    title="阻断级规则新出现 {{ number }} 行不合格：{{ title }}",
    body="{{ sentence }}",
    icon="alert-octagon",
)
template(
    "quality.exemption-asked",
    title="{{ unit }}申请质量豁免",
    body="{{ title }}：{{ reason }}",
    icon="shield-question",
)
template(
    "quality.exemption-decided",
    title="质量豁免{{ verdict }}：{{ title }}",
    body="{{ opinion }}",
    icon="shield-check",
)
