"""What happens in course selection."""

from yanta.kernel.notify import template

template(
    "course_selection.filled",
    title="候补有结果：{{ place }}",
    body="{{ what }}",
    icon="hand-click",
)
template(
    "course_selection.changed",
    title="课程有变：{{ place }}",
    body="{{ what }}。您仍符合条件，座位、候补和志愿都不变。",
    icon="hand-click",
)
template(
    "course_selection.unfit",
    title="课程有变，您不再符合条件：{{ place }}",
    body="{{ what }}。{{ why }}。教务处已得到名单；您已选的座位保留，要换班或退课请在选课开放时办理。",
    icon="alert-triangle",
)
template(
    "course_selection.carried",
    title="教学班有变：{{ place }}",
    body="{{ what }}，已带到选课。不再符合条件的学生 {{ count }} 名，都在选课名单里列出，没有人被退课。",
    icon="hand-click",
)
template(
    "course_selection.short",
    title="预留座位不够：{{ place }}",
    body="座位已被选走，还差 {{ count }} 个没有留出；要留足，请在控制台给这些预留改座位数。",
    icon="armchair",
)
