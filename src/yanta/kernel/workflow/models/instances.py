"""A matter under way: where it stands, who is asked, what was done."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record
from yanta.kernel.workflow.models.processes import Version
from yanta.kernel.workflow.verbs import Verb

PERSON = "people.Person"


class Instance(Record):
    """One matter in one version of a process.

    `journal` is the whole state of the tokens: what was completed, in order, and what each condition came to. `tokens`
    are where it stands now, `timers` when the clock goes on.
    """

    org_path = "unit"
    person_path = "applicant"
    history = False  # its steps are its history, and they can be replayed

    class State(models.TextChoices):
        RUNNING = "running", "办理中"
        HELD = "held", "已挂起"
        ENDED = "ended", "已办结"

    class Outcome(models.TextChoices):
        NONE = "", ""
        GRANTED = "granted", "已通过"
        REFUSED = "refused", "未通过"
        WITHDRAWN = "withdrawn", "已撤回"
        TERMINATED = "terminated", "已终止"

    version = models.ForeignKey(Version, models.PROTECT, verbose_name="流程版本", related_name="instances")
    process = models.CharField("流程", max_length=80)
    title = models.CharField("事项", max_length=200)
    subject_type = models.CharField("对象类型", max_length=80)
    subject_id = models.BigIntegerField("对象")
    link = models.CharField("链接", max_length=300, blank=True)
    applicant = models.ForeignKey(PERSON, models.PROTECT, verbose_name="申请人", null=True, related_name="+")
    started_by = models.ForeignKey(PERSON, models.PROTECT, verbose_name="提交人", null=True, related_name="+")
    unit = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="单位", null=True, related_name="+"
    )
    state = models.CharField("状态", max_length=8, choices=State, default=State.RUNNING)
    outcome = models.CharField("结果", max_length=40, blank=True)
    journal = models.JSONField("进程", default=list, editable=False)
    tokens = models.JSONField("当前环节", default=list, editable=False)
    timers = models.JSONField("定时", default=dict, editable=False)
    data = models.JSONField("数据", default=dict, editable=False)
    last_step = models.PositiveIntegerField("步数", default=0, editable=False)
    last_item = models.PositiveIntegerField("任务数", default=0, editable=False)
    seal = models.CharField("链值", max_length=64, blank=True, editable=False)
    problem = models.CharField("问题", max_length=300, blank=True, editable=False)
    started_at = models.DateTimeField("提交时间")
    ended_at = models.DateTimeField("办结时间", null=True, blank=True)
    wake_at = models.DateTimeField("下次唤醒", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "办件"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "process"], condition=~Q(state="ended"), name="workflow_one_running"
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-id"], name="workflow_subject"),
            models.Index(fields=["applicant", "-id"], name="workflow_applicant"),
            models.Index(fields=["started_by", "-id"], name="workflow_starter"),
            models.Index(fields=["wake_at"], condition=Q(state="running"), name="workflow_wake"),
            models.Index(fields=["process", "-started_at"], name="workflow_process_time"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state != self.State.ENDED


class WorkItem(Record):
    """One person asked at one node: a countersign is several of them.

    `round` is the first serial of those asked together, `group` joins a signer and those added before or after, `waits`
    are serials that must be closed first, `back_to` what is taken up again when this is done: serials with their states.
    `for_person` is on whose behalf the person acts. `untold` items wait for their notice, which is sent after the commit.
    A person of none means that nobody was found: the instance says so.
    """

    org_path = "instance__unit"
    person_path = "person"
    history = False  # the steps of the instance tell it
    title_needs = ("instance",)

    class State(models.TextChoices):
        WAITING = "waiting", "排队"
        OFFERED = "offered", "待认领"
        TODO = "todo", "待办"
        PAUSED = "paused", "暂停"
        DONE = "done", "已办"
        DROPPED = "dropped", "已取消"

    OPEN = (State.WAITING, State.OFFERED, State.TODO, State.PAUSED)
    SHOWN = (State.OFFERED, State.TODO)

    class Kind(models.TextChoices):
        SIGN = "sign", "审批"
        ADDED = "added", "加签"
        REWORK = "rework", "重办"
        RESUBMIT = "resubmit", "修改后重新提交"

    class Light(models.TextChoices):
        """What the clock has already said of it."""

        NONE = "", "正常"
        AMBER = "amber", "临期"
        RED = "red", "逾期"

    instance = models.ForeignKey(Instance, models.CASCADE, verbose_name="办件", related_name="items")
    serial = models.PositiveIntegerField("序号")
    token = models.CharField("令牌", max_length=160)
    node = models.CharField("环节标识", max_length=120)
    node_title = models.CharField("环节", max_length=120)
    kind = models.CharField("类别", max_length=8, choices=Kind, default=Kind.SIGN)
    person = models.ForeignKey(PERSON, models.PROTECT, verbose_name="办理人", null=True, related_name="+")
    for_person = models.ForeignKey(PERSON, models.PROTECT, verbose_name="代", null=True, related_name="+")
    state = models.CharField("状态", max_length=8, choices=State)
    round = models.PositiveIntegerField("轮次", default=0)
    group = models.PositiveIntegerField("组")
    waits = models.JSONField("等待", default=list, editable=False)
    added_by = models.PositiveIntegerField("加签人任务", null=True, editable=False)
    back_to = models.JSONField("办完恢复", default=list, editable=False)
    verdict = models.CharField("结论", max_length=12, blank=True)
    arrived_at = models.DateTimeField("到达时间")
    acted_at = models.DateTimeField("办理时间", null=True, blank=True)
    read_at = models.DateTimeField("首次打开", null=True, blank=True)
    due_at = models.DateTimeField("期限", null=True, blank=True)
    amber_at = models.DateTimeField("临期", null=True, blank=True)
    light = models.CharField("灯", max_length=8, choices=Light, blank=True)
    wake_at = models.DateTimeField("下次提醒", null=True, blank=True, editable=False)
    urged = models.PositiveSmallIntegerField("催办次数", default=0)
    urged_at = models.DateTimeField("最近催办", null=True, blank=True)
    untold = models.BooleanField("未通知", default=False, editable=False)

    class Meta:
        verbose_name = "办理任务"
        ordering = ("-pk",)
        constraints = [models.UniqueConstraint(fields=["instance", "serial"], name="workflow_item_once")]
        indexes = [
            models.Index(
                fields=["person", "-id"], condition=Q(state__in=["todo", "offered"]), name="workflow_todo"
            ),
            models.Index(
                fields=["person", "-acted_at", "-id"], condition=~Q(acted_at=None), name="workflow_done"
            ),
            models.Index(
                fields=["for_person", "-id"], condition=~Q(for_person=None), name="workflow_for_person"
            ),
            models.Index(
                fields=["wake_at"], condition=Q(state__in=["todo", "offered"]), name="workflow_item_wake"
            ),
            models.Index(fields=["node", "-acted_at"], condition=Q(state="done"), name="workflow_node_time"),
            models.Index(fields=["id"], condition=Q(untold=True), name="workflow_untold"),
        ]

    def __str__(self) -> str:
        return f"{self.instance.title} · {self.node_title}"


class Step(Record):
    """One row of the history: what one action did, complete enough to replay it. Each row seals the one before."""

    org_path = "instance__unit"
    person_path = "by_person"
    history = False  # it is a history itself

    instance = models.ForeignKey(Instance, models.CASCADE, verbose_name="办件", related_name="steps")
    number = models.PositiveIntegerField("序号")
    at = models.DateTimeField("时间")
    verb = models.CharField("动作", max_length=12, choices=Verb)
    node = models.CharField("环节标识", max_length=120, blank=True)
    node_title = models.CharField("环节", max_length=120, blank=True)
    item = models.PositiveIntegerField("任务序号", null=True)
    by_person = models.ForeignKey(PERSON, models.PROTECT, verbose_name="办理人", null=True, related_name="+")
    by_name = models.CharField("办理人姓名", max_length=80)
    for_name = models.CharField("代", max_length=80, blank=True)
    to_names = models.CharField("给", max_length=300, blank=True)
    opinion = models.TextField("意见", blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    attachments = models.JSONField("附件", default=list, blank=True)
    before = models.JSONField("之前", default=list)
    after = models.JSONField("之后", default=list)
    did = models.JSONField("变化", default=dict)
    seal = models.CharField("链值", max_length=64)

    class Meta:
        verbose_name = "办理记录"
        ordering = ("instance", "number")
        constraints = [models.UniqueConstraint(fields=["instance", "number"], name="workflow_step_once")]

    def __str__(self) -> str:
        return f"{self.by_name} {self.get_verb_display()} {self.node_title}".strip()


class Copy(Record):
    """A matter shown to somebody who need not decide; `read_at` is the receipt."""

    org_path = "instance__unit"
    person_path = "person"
    history = False  # written once; reading is its own record

    instance = models.ForeignKey(Instance, models.CASCADE, verbose_name="办件", related_name="copies")
    person = models.ForeignKey(PERSON, models.PROTECT, verbose_name="收阅人", related_name="+")
    by_name = models.CharField("传阅人", max_length=80)
    note = models.CharField("附言", max_length=300, blank=True)
    node_title = models.CharField("环节", max_length=120, blank=True)
    read_at = models.DateTimeField("阅读时间", null=True, blank=True)

    class Meta:
        verbose_name = "传阅"
        ordering = ("-pk",)
        constraints = [models.UniqueConstraint(fields=["instance", "person"], name="workflow_copy_once")]
        indexes = [models.Index(fields=["person", "-id"], name="workflow_copy_person")]

    def __str__(self) -> str:
        return f"{self.instance} → {self.person}"
