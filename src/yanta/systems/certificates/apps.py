from yanta.kernel.base import System


class CertificatesConfig(System):
    name = "yanta.systems.certificates"
    title = "证明自助"
    area = "办事"
    owner = "教务处"
    icon = "certificate"
    depends_on = ("curricula",)
    summary = "在读、成绩、排名、在职、收入等证明自己开：立等可取、电子印章、扫码验真，也可限时分享给外单位"
