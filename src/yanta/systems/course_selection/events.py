"""What happens in course selection."""

from yanta.kernel.notify import template

template(
    "course_selection.filled",
    title="候补有结果：{{ place }}",
    body="{{ what }}",
    icon="hand-click",
)
