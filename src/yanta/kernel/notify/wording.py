"""The school's own wording of declared messages: versions, preview, back to the declared text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from jinja2 import TemplateSyntaxError, nodes

from yanta.kernel.base import Actor, Refused
from yanta.kernel.notify.declare import Template, Texts, parsed, template_named
from yanta.kernel.notify.models import Wording
from yanta.kernel.operation import Label, Long, operation

RULE = "notify.wording"
# A person's text may place a value and ask whether there is one; nothing in it is computed.
PLAIN = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.If, nodes.Not)
Code = Annotated[str, Label("消息")]
Language = Wording.Language


def current(code: str) -> dict[str, Texts]:
    """The school's texts in force, by language."""
    rows = Wording.objects.filter(template=code, is_current=True)
    return {row.language: Texts(row.title, row.body, row.short) for row in rows}


def in_force(kind: Template, language: str) -> Texts:
    return current(kind.code).get(language) or kind.texts(language)


def check(kind: Template, texts: Texts) -> None:
    """Refuses what would fail when the message is sent, at the field where it stands."""
    if not texts.title.strip():
        raise Refused("标题不能空着", field="title", rule=RULE)
    for field in ("title", "body", "short"):
        _check(getattr(texts, field), kind, field)


def _check(text: str, kind: Template, field: str) -> None:
    try:
        tree = parsed(text)
    except TemplateSyntaxError as error:
        raise Refused(
            f"第 {error.lineno} 行的花括号写得不完整，变量应如 {{{{ 名称 }}}}", field=field, rule=RULE
        ) from error
    strange = next((node for node in tree.find_all(nodes.Node) if not isinstance(node, PLAIN)), None)
    if strange is not None:
        raise Refused("花括号里只能写变量名，或 {% if 变量 %}…{% endif %}", field=field, rule=RULE)
    unknown = sorted({node.name for node in tree.find_all(nodes.Name)} - kind.names)
    if unknown:
        known = "、".join(sorted(kind.names)) or "（没有变量）"
        raise Refused(f"这条消息没有变量“{'、'.join(unknown)}”，可用：{known}", field=field, rule=RULE)


def preview(kind: Template, texts: Texts, context: Mapping[str, Any] | None = None) -> Texts:
    """As it would read, with the names in brackets where no value is given."""
    check(kind, texts)
    return texts.said({name: f"〔{name}〕" for name in kind.names} | dict(context or {}))


def _known(code: str) -> Template:
    try:
        return template_named(code)
    except LookupError:
        raise Refused("没有这种消息", field="template", rule=RULE) from None


@operation("修改措辞", model=Wording, icon="edit")
def reword(
    *, actor: Actor, template: Code, language: Wording.Language, title: str, body: Annotated[str, Label("内容"), Long(6)] = "",
    short: Annotated[str, Label("短文本", "短信和推送只显示这一句；空着用标题")] = "", reason: str = "",
) -> Wording:  # fmt: skip
    """A new version, in force from now on."""
    check(_known(template), Texts(title, body, short))
    versions = Wording.objects.filter(template=template, language=language)
    last = versions.order_by("-number").values_list("number", flat=True).first() or 0
    versions.filter(is_current=True).update(is_current=False)
    made: Wording = Wording.objects.create(
        template=template, language=language, number=last + 1, title=title, body=body, short=short, author=actor.name,
        reason=reason,
    )  # fmt: skip
    return made


@operation(
    "恢复原文", model=Wording, icon="restore", confirm="之后按系统原来的措辞发送，修改过的版本仍保留。"
)
def restore(*, actor: Actor, template: Code, language: Wording.Language) -> int:
    """Back to the declared text; the versions stay and can be taken up again."""
    changed: int = Wording.objects.filter(template=template, language=language, is_current=True).update(
        is_current=False
    )
    if not changed:
        raise Refused("现在用的就是原文", rule=RULE)
    return changed
