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
    "course_selection.resized",
    title="座位数有变：{{ place }}",
    body="开课把容量改为 {{ capacity }}，选课的座位由 {{ was }} 个变为 {{ capacity }} 个，已有 {{ taken }} 人。空座位先按先后给候补的学生。",
    icon="armchair",
)
template(
    "course_selection.over",
    title="超出容量 {{ over }} 人：{{ place }}",
    body="开课把容量改为 {{ capacity }}，已有 {{ taken }} 人选上，超出 {{ over }} 人。没有人被退课；每退一人关一个座位，直到不超。",
    icon="alert-triangle",
)
template(
    "course_selection.short",
    title="预留座位不够：{{ place }}",
    body="座位已被选走，还差 {{ count }} 个没有留出；要留足，请在控制台给这些预留改座位数。",
    icon="armchair",
)
