"""Large rosters (a province's register, a city's residents) kept for look-up and comparison."""

from __future__ import annotations

from django.db import models

from yanta.kernel.base.models import Record


class RosterEntry(Record):
    """One person row of a large roster. Written by COPY only; numbers of persons are sealed as one blob."""

    org_path = None
    org_path_reason = "外部底册不属于校内任何单位，凭权限查看"
    history = False  # receipts tell what changed; millions of rows need no second copy

    key = models.CharField("键", max_length=60, primary_key=True)
    digest = models.BigIntegerField("内容指纹")
    run = models.IntegerField("运行")
    name = models.CharField("姓名", max_length=60)
    sex = models.CharField("性别", max_length=1, null=True)
    birth_on = models.DateField("出生日期", null=True)
    id_type = models.CharField("证件类型", max_length=2, null=True)
    id_index = models.BinaryField("证件号索引", null=True)
    ethnic = models.CharField("民族", max_length=2, null=True)
    political = models.CharField("政治面貌", max_length=2, null=True)
    nationality = models.CharField("国籍", max_length=3, null=True)
    native_place = models.CharField("籍贯", max_length=6, null=True)
    org_code = models.CharField("单位码", max_length=20, null=True)
    entry_on = models.DateField("入校日期", null=True)
    email = models.CharField("邮箱", max_length=80, null=True)
    sealed = models.BinaryField("证件号、电话、账号（加密）", null=True)
    created_at = None  # type: ignore[assignment]  # the run tells when
    updated_at = None  # type: ignore[assignment]  # written once

    class Meta:
        verbose_name = "底册人员"

    def __str__(self) -> str:
        return self.name


class RosterReject(Record):
    """A roster row that was held back, with its original cells and every reason."""

    org_path = None
    org_path_reason = "外部底册不属于校内任何单位，凭权限查看"
    history = False  # written once per run

    run = models.IntegerField("运行", db_index=True)
    line = models.BigIntegerField("行号")
    reasons = models.CharField("原因", max_length=200)
    original = models.BinaryField("原行（加密）")
    created_at = None  # type: ignore[assignment]  # the run tells when
    updated_at = None  # type: ignore[assignment]  # written once

    class Meta:
        verbose_name = "底册拒收行"

    def __str__(self) -> str:
        return f"第 {self.line} 行：{self.reasons}"
