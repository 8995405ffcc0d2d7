from yanta.kernel.base import KernelConfig


class SearchConfig(KernelConfig):
    name = "yanta.kernel.search"
    label = "search"
    verbose_name = "搜索"
