"""What a person, or the clock, can do to a matter."""

from __future__ import annotations

from django.db import models


class Verb(models.TextChoices):
    """The words of the history; the first group is what `act` takes."""

    APPROVE = "approve", "同意"
    REFUSE = "refuse", "不同意"
    RETURN = "return", "退回"
    ADD_SIGNER = "add_signer", "加签"
    DROP_SIGNER = "drop_signer", "减签"
    HAND_OVER = "hand_over", "转办"
    DELEGATE = "delegate", "委托办理"
    CLAIM = "claim", "认领"
    RELEASE = "release", "退回待认领"
    WITHDRAW = "withdraw", "撤回"
    URGE = "urge", "催办"
    COPY = "copy", "传阅"
    COMMENT = "comment", "留言"
    HOLD = "hold", "挂起"
    RESUME = "resume", "恢复"
    END = "end", "终止"
    ASSIGN = "assign", "指定办理人"

    # What only the machine does.
    START = "start", "提交"
    SKIP = "skip", "同人跳过"
    PASS = "pass", "自动通过"
    FIRE = "fire", "定时到期"
    ESCALATE = "escalate", "逾期升级"
    REMIND = "remind", "到期提醒"
    SERVE = "serve", "系统执行"
    RECALL = "recall", "取回"
    FINISH = "finish", "办结"
    MIGRATE = "migrate", "换用新版本"


# Verbs of an instance rather than of one item; `act` takes either for them.
OF_THE_MATTER = (
    Verb.WITHDRAW, Verb.URGE, Verb.COPY, Verb.COMMENT, Verb.HOLD, Verb.RESUME, Verb.END, Verb.FIRE,
)  # fmt: skip
