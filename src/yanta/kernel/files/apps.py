from yanta.kernel.base import KernelConfig


class FilesConfig(KernelConfig):
    name = "yanta.kernel.files"
    label = "files"
    verbose_name = "文件"
