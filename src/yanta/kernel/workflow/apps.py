from yanta.kernel.base import KernelConfig


class WorkflowConfig(KernelConfig):
    name = "yanta.kernel.workflow"
    label = "workflow"
    verbose_name = "流程"

    def ready(self) -> None:
        # The verbs, and with them the right to manage matters, are known before the first actor is made.
        from yanta.kernel.workflow import acting

        super().ready()
        acting.verbs()
