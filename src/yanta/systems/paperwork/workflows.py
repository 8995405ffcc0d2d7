"""The decided form of a service stands on the pages of its matter."""

from __future__ import annotations

from collections.abc import Iterator

from yanta.kernel.base import Actor
from yanta.kernel.workflow.models import Instance
from yanta.kernel.workflow.papers import Paper, papers
from yanta.systems.paperwork.models import Issued


@papers
def forms_of(instance: Instance, actor: Actor) -> Iterator[Paper]:
    for one in Issued.objects.filter(instance=instance).select_related("edition__form", "file", "printed"):
        kind = "Word" if one.edition.kind == "docx" else "Excel"
        if one.printed is not None:
            yield Paper(
                f"{one.edition.form.title}（PDF）",
                f"/files/{one.printed.pk}/",
                "意见、签名、日期已填好，可直接打印",
            )
        if one.file is not None:
            yield Paper(
                f"{one.edition.form.title}（{kind}）", f"/files/{one.file.pk}/", one.edition.name, "file-text"
            )
