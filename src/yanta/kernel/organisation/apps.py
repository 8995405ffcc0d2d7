from yanta.kernel.base import KernelConfig


class OrganisationConfig(KernelConfig):
    name = "yanta.kernel.organisation"
    label = "organisation"
    verbose_name = "组织机构"
