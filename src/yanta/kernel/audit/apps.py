from yanta.kernel.base import KernelConfig


class AuditConfig(KernelConfig):
    name = "yanta.kernel.audit"
    label = "audit"
    verbose_name = "审计"
