from yanta.kernel.base import System


class SealsConfig(System):
    name = "yanta.sso.seals"
    title = "电子印章与签名"
    area = "办公"
    owner = "党政办公室"
    icon = "rubber-stamp"
    summary = "证书、电子印章、用印申请与登记，文件签章和任何人可用的真伪验证"
