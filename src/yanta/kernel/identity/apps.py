from yanta.kernel.base import KernelConfig


class IdentityConfig(KernelConfig):
    name = "yanta.kernel.identity"
    label = "identity"
    verbose_name = "身份认证"
