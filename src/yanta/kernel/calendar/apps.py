from yanta.kernel.base import KernelConfig


class CalendarConfig(KernelConfig):
    name = "yanta.kernel.calendar"
    label = "calendar"
    verbose_name = "日历"
