from yanta.kernel.base import KernelConfig


class OperationConfig(KernelConfig):
    name = "yanta.kernel.operation"
    label = "operation"
    verbose_name = "操作"
