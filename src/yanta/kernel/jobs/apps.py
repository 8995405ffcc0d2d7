from yanta.kernel.base import KernelConfig


class JobsConfig(KernelConfig):
    name = "yanta.kernel.jobs"
    label = "jobs"
    verbose_name = "后台任务"
