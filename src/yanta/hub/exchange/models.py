"""Connections, their tables, and what was seen, read, taken and answered there."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from yanta.hub.exchange.connectors.base import TableShape
from yanta.hub.exchange.connectors.shapes import from_json
from yanta.kernel.base.fields import SealedField
from yanta.kernel.base.models import Record


class Connection(Record):
    """One foreign system, folder or service, with the credentials to reach it."""

    org_path = "owner"

    class Kind(models.TextChoices):
        POSTGRESQL = "postgresql", "PostgreSQL（含人大金仓等兼容库）"
        MYSQL = "mysql", "MySQL / MariaDB"
        SQLITE = "sqlite", "SQLite 文件"
        ORACLE = "oracle", "Oracle"
        SQLSERVER = "sqlserver", "SQL Server"
        FILE = "file", "文件（CSV、Excel、定长文本、DBF）"
        FOLDER = "folder", "目录投放"
        SFTP = "sftp", "SFTP 投放"
        REST = "rest", "REST 接口"
        AGREEMENT = "agreement", "校际协议"

    class State(models.TextChoices):
        NEW = "new", "未测试"
        WORKING = "working", "可用"
        BROKEN = "broken", "不通"
        PAUSED = "paused", "已停用"

    code = models.SlugField(
        "连接编码", max_length=40, unique=True, help_text="小写字母、数字与短横线；管道按它引用"
    )
    title = models.CharField("连接名称", max_length=80)
    kind = models.CharField("类型", max_length=12, choices=Kind)
    address = models.CharField(
        "地址", max_length=300, help_text="主机名、服务器上的路径、https:// 开头的接口地址，或协议编号"
    )
    port = models.PositiveIntegerField("端口", null=True, blank=True, help_text="留空用默认端口")
    database = models.CharField("数据库", max_length=100, blank=True)
    account = models.CharField("账号", max_length=100, blank=True)
    secret = SealedField("口令或密钥", max_length=8000, null=True, blank=True)
    settings = models.TextField(
        "其他参数", blank=True, help_text="每行一个“名 = 值”，可用的名称见各类型的说明"
    )
    owner = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="归口单位", related_name="+"
    )
    note = models.CharField("备注", max_length=200, blank=True)
    state = models.CharField("状态", max_length=8, choices=State, default=State.NEW, editable=False)
    tested_at = models.DateTimeField("最近测试", null=True, blank=True, editable=False)
    finding = models.CharField("测试结果", max_length=400, blank=True, editable=False)

    class Meta:
        verbose_name = "数据连接"
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title


class Table(Record):
    """A table, sheet, endpoint or drop of a connection: its accepted shape and how far it was read."""

    org_path = "connection__owner"
    title_needs = ("connection",)

    connection = models.ForeignKey(Connection, models.CASCADE, verbose_name="连接", related_name="tables")
    name = models.CharField("表名", max_length=200, editable=False)
    title = models.CharField("中文名称", max_length=80, blank=True)
    shape = models.JSONField("认可的结构", default=dict, editable=False)
    fingerprint = models.CharField("结构指纹", max_length=16, blank=True, editable=False)
    aliases = models.JSONField("改名对照", default=dict, blank=True, editable=False)
    ignored = models.JSONField("不读的列", default=list, blank=True, editable=False)
    watermark_column = models.CharField(
        "水位列", max_length=100, blank=True, help_text="更新时间或递增编号；留空为全量"
    )
    overlap = models.PositiveIntegerField(
        "回看",
        default=0,
        help_text="每次多读水位之前的秒数（时刻）、天数（日期）或个数（编号），防止晚提交的行漏掉",
    )
    middle = models.TextField(
        "中间库约定",
        blank=True,
        help_text="每行一个“名 = 值”：key、status、message、handled_at、pending、done、failed",
    )
    watermark = models.TextField("水位", blank=True, editable=False)
    position = models.TextField("日志位置", blank=True, editable=False)

    class Meta:
        verbose_name = "数据表"
        ordering = ("connection", "name")
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "name"],
                name="exchange_table_once",
                violation_error_message="这张表已经登记",
            )
        ]

    def __str__(self) -> str:
        return f"{self.connection.title} · {self.title or self.name}"

    @property
    def accepted(self) -> TableShape:
        return from_json(self.shape) if self.shape else TableShape(self.name, ())


class TableRead(Record):
    """One passage of rows: what, how many, how fast, how it ended."""

    org_path = "table__connection__owner"
    title_needs = ("table", "table__connection")
    history = False

    class Way(models.TextChoices):
        FULL = "full", "全量读取"
        SINCE = "since", "增量读取"
        CAPTURE = "capture", "变更捕获"
        MIDDLE = "middle", "中间库领取"
        WRITE = "write", "写出"

    class Outcome(models.TextChoices):
        DONE = "done", "完成"
        FAILED = "failed", "中断"

    table = models.ForeignKey(Table, models.CASCADE, verbose_name="数据表", related_name="reads")
    way = models.CharField("方式", max_length=8, choices=Way)
    started_at = models.DateTimeField("开始")
    seconds = models.FloatField("用时（秒）", default=0)
    rows = models.PositiveBigIntegerField("行数", default=0)
    rejected = models.PositiveBigIntegerField("无法切分的行", default=0)
    outcome = models.CharField("结果", max_length=6, choices=Outcome, default=Outcome.DONE)
    message = models.CharField("说明", max_length=400, blank=True)

    class Meta:
        verbose_name = "读写记录"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.table.title or self.table.name} {self.get_way_display()} {self.rows} 行"

    @property
    def rate(self) -> int:
        """Rows per second."""
        return round(self.rows / self.seconds) if self.seconds > 0 else 0


class DriftProposal(Record):
    """A difference between the accepted shape and the found one, to be decided by people."""

    org_path = "table__connection__owner"
    title_needs = ("table", "table__connection")

    class Change(models.TextChoices):
        ADDED = "added", "新增列"
        REMOVED = "removed", "列不见了"
        RETYPED = "retyped", "类型变了"
        RENAMED = "renamed", "疑似改名"
        SNAPSHOT = "snapshot", "需重新取快照"

    class State(models.TextChoices):
        OPEN = "open", "待处理"
        ACCEPTED = "accepted", "已采纳"
        REFUSED = "refused", "不采纳"
        PAST = "past", "已自行消失"

    table = models.ForeignKey(Table, models.CASCADE, verbose_name="数据表", related_name="proposals")
    change = models.CharField("变化", max_length=8, choices=Change)
    column = models.CharField("列", max_length=200, blank=True)
    before = models.CharField("原来", max_length=200, blank=True)
    after = models.CharField("现在", max_length=200, blank=True)
    stops = models.BooleanField("读取已停", default=False)
    effect = models.CharField("采纳的结果", max_length=300)
    otherwise = models.CharField("不采纳的结果", max_length=300)
    state = models.CharField("状态", max_length=8, choices=State, default=State.OPEN)
    decided_by = models.CharField("处理人", max_length=100, blank=True)
    decided_at = models.DateTimeField("处理时间", null=True, blank=True)
    opinion = models.CharField("意见", max_length=200, blank=True)

    class Meta:
        verbose_name = "结构变化"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["table", "change", "column"],
                condition=Q(state="open"),
                name="exchange_drift_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.table.title or self.table.name}：{self.get_change_display()} {self.column}".rstrip()


class Delivery(Record):
    """A file out of a drop: read, and taken once its rows are stored; the same name and content never again."""

    org_path = "table__connection__owner"
    title_needs = ("table", "table__connection")
    history = False

    table = models.ForeignKey(Table, models.CASCADE, verbose_name="数据表", related_name="deliveries")
    name = models.CharField("文件名", max_length=255)
    digest = models.CharField("摘要（SHA-256）", max_length=64)
    token = models.CharField("批次", max_length=32, blank=True, db_index=True, editable=False)
    taken_at = models.DateTimeField("取走时间", null=True, blank=True)

    class Meta:
        verbose_name = "投放文件"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(fields=["table", "name", "digest"], name="exchange_delivery_once")
        ]

    def __str__(self) -> str:
        return self.name


class MiddleRow(Record):
    """A row of a middle table on its way: taken from it or put into it, until both sides know the outcome."""

    org_path = "table__connection__owner"
    title_needs = ("table", "table__connection")
    history = False

    class Way(models.TextChoices):
        TAKEN = "taken", "领取"
        PUT = "put", "投放"

    class State(models.TextChoices):
        WAITING = "waiting", "待处理"
        ANSWERED = "answered", "待回写"
        SETTLED = "settled", "已了结"
        CHANGED = "changed", "对方又改过"

    table = models.ForeignKey(Table, models.CASCADE, verbose_name="数据表", related_name="middle_rows")
    way = models.CharField("方向", max_length=5, choices=Way)
    key = models.CharField("主键", max_length=200)
    digest = models.CharField("内容摘要", max_length=32, blank=True)
    token = models.CharField("批次", max_length=32, blank=True, db_index=True)
    state = models.CharField("状态", max_length=8, choices=State, default=State.WAITING)
    is_ok = models.BooleanField("成功", null=True)
    message = models.CharField("说明", max_length=200, blank=True)
    settled_at = models.DateTimeField("了结时间", null=True, blank=True)

    class Meta:
        verbose_name = "中间库记录"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(fields=["table", "way", "key"], name="exchange_middle_row_once")
        ]

    def __str__(self) -> str:
        return f"{self.table.title or self.table.name} {self.key}"
