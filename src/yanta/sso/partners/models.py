"""Partners whose sign-in is accepted, whom their subjects are, and attempts under way."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from yanta.kernel.base.fields import SealedField
from yanta.kernel.base.models import Record


class Partner(Record):
    """One identity provider of somebody else: an upper platform, another school, a federation's member."""

    org_path = "owner"

    class Kind(models.TextChoices):
        OIDC = "oidc", "OpenID Connect"
        SAML = "saml", "SAML 2.0"
        CAS = "cas", "CAS 3.0"

    class Linking(models.TextChoices):
        SELF = "self", "本人登录后自己关联"
        NUMBER = "number", "对方核验过的学工号或人员号"
        IDENTITY = "identity", "对方核验过的身份证件号"

    class Unknown(models.TextChoices):
        REFUSE = "refuse", "不让进入"
        TODO = "todo", "不让进入，并列为待办由信息中心核实"

    code = models.SlugField("标识", max_length=40, unique=True, help_text="用在回调地址里，登记后不改")
    name = models.CharField("名称", max_length=60, help_text="登录页按钮上的字，如 省教育厅统一认证")
    owner = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="主管部门", related_name="+"
    )
    kind = models.CharField("协议", max_length=4, choices=Kind, default=Kind.OIDC)
    is_open = models.BooleanField("已启用", default=False, editable=False)
    issuer = models.CharField(
        "对方标识", max_length=300,
        help_text="OIDC 填 issuer，SAML 填 entityID，CAS 填服务器地址（如 https://cas.edu.cn/cas）",
    )  # fmt: skip
    client_id = models.CharField(
        "客户端标识", max_length=200, blank=True, help_text="OIDC：对方发给我们的 client_id"
    )
    client_secret = SealedField("客户端密钥", max_length=300, blank=True, editable=False)
    scopes = models.CharField("申请的范围", max_length=200, default="openid profile", blank=True)
    sign_on_url = models.CharField(
        "登录地址", max_length=300, blank=True, help_text="SAML：导入元数据后自动填写"
    )
    certificates = models.TextField("签名证书", blank=True, help_text="SAML：对方签断言用的证书，PEM")
    sign_off_url = models.CharField(
        "退出地址",
        max_length=300,
        blank=True,
        help_text="SAML：导入元数据后自动填写；没有就不能到对方那里退出",
    )
    sign_off_answer_url = models.CharField("退出回答地址", max_length=300, blank=True, editable=False)
    signs_off_by_form = models.BooleanField("退出用表单", default=False, editable=False)
    linking = models.CharField("怎样认出是谁", max_length=8, choices=Linking, default=Linking.SELF)
    number_claim = models.CharField("学工号属性名", max_length=100, blank=True)
    identity_claim = models.CharField("身份证件号属性名", max_length=100, blank=True)
    unknown = models.CharField("认不出时", max_length=6, choices=Unknown, default=Unknown.REFUSE)

    class Meta:
        verbose_name = "合作登录方"
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(fields=["kind", "issuer"], name="partner_issuer_once"),
            models.CheckConstraint(
                condition=~Q(linking="number") | ~Q(number_claim=""), name="partner_says_number_claim",
                violation_error_message="按学工号认人须填写学工号属性名",
            ),
            models.CheckConstraint(
                condition=~Q(linking="identity") | ~Q(identity_claim=""), name="partner_says_identity_claim",
                violation_error_message="按身份证件号认人须填写身份证件号属性名",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def callback(self) -> str:
        """One address for each partner, so that no answer is taken for another partner's."""
        return f"{settings.SITE_ADDRESS}/partners/{self.code}/callback"

    @property
    def acs(self) -> str:
        return f"{settings.SITE_ADDRESS}/partners/{self.code}/acs"

    @property
    def our_entity_id(self) -> str:
        return f"{settings.SITE_ADDRESS}/partners/{self.code}/metadata"

    @property
    def single_logout(self) -> str:
        return f"{settings.SITE_ADDRESS}/partners/{self.code}/slo"

    @property
    def back_channel(self) -> str:
        return f"{settings.SITE_ADDRESS}/partners/{self.code}/backchannel"

    @property
    def front_channel(self) -> str:
        return f"{settings.SITE_ADDRESS}/partners/{self.code}/frontchannel"

    @property
    def left_there(self) -> str:
        """Where the browser comes back when it has signed out there."""
        return f"{settings.SITE_ADDRESS}/partners/{self.code}/left"


class Link(Record):
    """A partner's subject is this person, and how that was proved."""

    org_path = "person__home_unit"
    person_path = "person"
    title_needs = ("partner",)

    class Proof(models.TextChoices):
        SELF = "self", "本人登录后关联"
        NUMBER = "number", "学工号相符"
        IDENTITY = "identity", "身份证件号相符"
        OFFICE = "office", "信息中心核实"

    partner = models.ForeignKey(Partner, models.CASCADE, verbose_name="合作登录方", related_name="links")
    subject = models.CharField("对方账号", max_length=255)
    person = models.ForeignKey("people.Person", models.PROTECT, verbose_name="人员", related_name="+")
    proof = models.CharField("依据", max_length=8, choices=Proof)
    used_at = models.DateTimeField("最近使用", null=True, blank=True)

    class Meta:
        verbose_name = "合作方账号关联"
        constraints = [
            models.UniqueConstraint(fields=["partner", "subject"], name="partner_subject_once"),
            models.UniqueConstraint(fields=["partner", "person"], name="partner_person_once"),
        ]

    def __str__(self) -> str:
        return f"{self.partner}"


class Attempt(Record):
    """Somebody was sent to a partner and is expected back, once, in the same browser."""

    org_path_reason = "协议内部的一次性状态，几分钟内有效"
    history = False  # every step is in the log of decisions

    digest = models.CharField("摘要", max_length=64, unique=True, editable=False)
    partner = models.ForeignKey(Partner, models.CASCADE, verbose_name="合作登录方", related_name="+")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="为谁关联", null=True, related_name="+"
    )
    nonce = models.CharField("随机数", max_length=64)
    verifier = SealedField("PKCE", max_length=128, editable=False)
    onward = models.CharField("登录后去", max_length=2000, blank=True)
    found = SealedField("对方的回答", max_length=8000, blank=True, editable=False)
    expires_at = models.DateTimeField("到期时间", db_index=True)
    used_at = models.DateTimeField("使用时间", null=True)

    class Meta:
        verbose_name = "合作方登录过程"


class Stay(Record):
    """Somebody came in from a partner and may still be here. Sessions name it as their origin and end with it."""

    org_path = "account__person__home_unit"
    person_path = "account__person"
    title_needs = ("partner",)
    history = False  # every step is in the log of decisions

    key = models.CharField(max_length=43, unique=True, editable=False)
    partner = models.ForeignKey(Partner, models.CASCADE, verbose_name="合作登录方", related_name="stays")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="账号", related_name="+"
    )
    subject = models.CharField("对方账号", max_length=255)
    # The digest of what the partner calls its session: `sid`, SessionIndex or ticket; empty where it told none.
    mark = models.CharField(max_length=64, blank=True, editable=False)
    told = SealedField("退出所需", max_length=12_000, editable=False)
    asked = models.CharField(max_length=40, blank=True, editable=False)
    began_at = models.DateTimeField("进来时间")

    class Meta:
        verbose_name = "从合作方进来的会话"
        ordering = ("-began_at",)
        indexes = [
            models.Index(fields=["partner", "mark"], name="stay_by_mark"),
            models.Index(fields=["partner", "subject"], name="stay_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.partner}"


class Stranger(Record):
    """Somebody whom a partner knows and we do not; the information centre finds out who it is."""

    org_path = "partner__owner"
    title_needs = ("partner",)

    class State(models.TextChoices):
        OPEN = "open", "待核实"
        LINKED = "linked", "已关联"
        DISMISSED = "dismissed", "不予关联"

    partner = models.ForeignKey(Partner, models.CASCADE, verbose_name="合作登录方", related_name="strangers")
    subject = models.CharField("对方账号", max_length=255)
    told_name = models.CharField("对方所说姓名", max_length=100, blank=True)
    told_number = models.CharField("对方所说学工号", max_length=60, blank=True)
    came_at = models.DateTimeField("最近来过")
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN, editable=False)

    class Meta:
        verbose_name = "待核实的来访账号"
        ordering = ("-came_at",)
        constraints = [models.UniqueConstraint(fields=["partner", "subject"], name="partner_stranger_once")]

    def __str__(self) -> str:
        return self.told_name or self.subject
