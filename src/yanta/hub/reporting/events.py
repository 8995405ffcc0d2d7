"""What reporting says to people."""

from yanta.kernel.notify import template

template(
    "reporting.assigned",
    title="请填报“{{ table }}”",
    body="{{ filing }}，校内截止 {{ due }}。",
    icon="report-analytics",
)
template(
    "reporting.due",
    title="“{{ table }}”还有 {{ days }} 天到期",
    body="{{ filing }}，还差 {{ open }} 项。",
    icon="clock",
)
template(
    "reporting.sent-back", title="“{{ table }}”被退回", body="原因：{{ reason }}", icon="arrow-back-up"
)  # fmt: skip
