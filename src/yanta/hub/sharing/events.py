"""What sharing says to people."""

from yanta.kernel.notify import template

template(
    "sharing.consent-asked",
    icon="share-3",
    title="“{{ dataset }}”要发布你部门的 {{ count }} 个字段，请认可",
    body="涉及：{{ fields }}。说明：{{ note }}",
)
template(
    "sharing.consent-decided",
    icon="share-3",
    title="{{ unit }}{{ verdict }}发布“{{ dataset }}”",
    body="{{ opinion }}",
)
template(
    "sharing.published", icon="share-3", title="“{{ dataset }}”第 {{ number }} 版已发布", body="{{ note }}"
)
template(
    "sharing.deprecated",
    icon="hourglass-low",
    title="你使用的“{{ dataset }}”将于 {{ ends_on }} 停止服务",
    body="{% if successor %}请改用“{{ successor }}”。{% else %}没有替代数据集，请联系归口部门。{% endif %}",
)
template(
    "sharing.decision-asked",
    icon="file-check",
    title="{{ consumer }}申请使用“{{ dataset }}”，请审批你部门的部分",
    body="用途：{{ purpose }}。字段：{{ fields }}",
)
template(
    "sharing.second-asked",
    icon="shield-check",
    title="“{{ dataset }}”的高度敏感字段待第二次审批",
    body="使用方：{{ consumer }}；字段：{{ fields }}；用途：{{ purpose }}",
)
template(
    "sharing.application-decided",
    icon="file-check",
    title="{{ consumer }}对“{{ dataset }}”的申请{{ verdict }}",
    body="{{ words }}",
)
template(
    "sharing.grant-changed",
    icon="lock",
    urgent=True,
    title="{{ consumer }}对“{{ dataset }}”的授权{{ state }}",
    body="{{ reason }}",
)
template(
    "sharing.ending-soon",
    icon="calendar-due",
    title="“{{ dataset }}”的授权还有 {{ days }} 天到期",
    body="{{ consumer }}的授权 {{ valid_to }} 到期，到期后自动停止；需要继续使用请申请续期。",
)
template(
    "sharing.unused",
    icon="zzz",
    title="“{{ dataset }}”的授权已 {{ days }} 天没有使用",
    body="{% if is_proposal %}建议收回：{{ consumer }}长期不用。{% else %}{{ consumer }}如不再需要，请交还。{% endif %}",
)
template(
    "sharing.push-dead",
    icon="plug-connected-x",
    title="“{{ dataset }}”的变更推送没有送达",
    body="{{ error }}",
)
template(
    "sharing.file-ready",
    icon="file-download",
    title="“{{ dataset }}”的文件已生成",
    body="可下载至 {{ until }}。",
)
template(
    "sharing.agreement-changed",
    icon="heart-handshake",
    title="与{{ partner }}的协议“{{ dataset }}”{{ state }}",
    body="{{ words }}",
)
