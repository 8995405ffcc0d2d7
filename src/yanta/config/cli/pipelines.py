"""`yanta hub run PIPELINE` and the receipts of pipelines."""

import json
from datetime import datetime
from typing import TYPE_CHECKING

import click

from yanta.config.cli.opening import open_django, progress

if TYPE_CHECKING:
    from yanta.hub.pipelines.models import PipelineRun


@click.command()
@click.argument("pipeline")
@click.option("--dry", is_flag=True, help="Show what would change; write nothing.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Read again from this day on.")
@click.option("--engine", type=click.Choice(["duckdb", "spark"]), help="Instead of YANTA_HUB_ENGINE.")
@click.option("--json", "as_json", is_flag=True, help="Print the account as JSON.")
def run(pipeline: str, dry: bool, since: datetime | None, engine: str | None, as_json: bool) -> None:
    """Run one pipeline here and wait; ends with a signed account."""
    open_django()
    from yanta.hub.pipelines import declared, queries
    from yanta.hub.pipelines.running.carrying import Wish
    from yanta.hub.pipelines.services import runs
    from yanta.kernel.base import Actor, Refused

    kind = "dry" if dry else "backfill" if since else "manual"
    wish = Wish(kind, since=since.date() if since else None, engine=engine or "")
    try:
        declared.sync()
        with progress("数据管道") as step:
            done = runs.carry_out(
                queries.pipeline_named(pipeline), actor=Actor.system("hub"), wish=wish, step=step
            )
    except Refused as refusal:
        raise click.ClickException(refusal.message) from refusal
    click.echo(json.dumps(_account(done), ensure_ascii=False, indent=1) if as_json else _told(done))


def _account(run: "PipelineRun") -> dict[str, object]:
    receipt = getattr(run, "receipt", None)
    return {
        "run": run.pk, "pipeline": run.pipeline.code, "state": run.state, "version": run.version.number, "engine": run.engine,
        "counts": run.counts, "reasons": run.reasons, "seconds": run.seconds, "timings": run.timings,
        "receipt": receipt.digest if receipt else None,
    }  # fmt: skip


def _told(run: "PipelineRun") -> str:
    c = run.counts
    lines = [
        f"{run.pipeline.title} #{run.pk}：{run.get_state_display()}（{run.engine}，{run.seconds:.1f} 秒）",
        f"  读入 {c['read']} = 新增 {c['new']} + 变更 {c['changed']} + 未变 {c['unchanged']} + 隔离 {c['quarantined']}"
        f" + 被覆盖 {c['merged']} + 标记离开 {c['removed']}",
    ]
    lines += [f"  隔离 {rows} 行：{reason}" for reason, rows in run.reasons.items()]
    receipt = getattr(run, "receipt", None)
    return "\n".join([*lines, f"  SM3 {receipt.digest}"] if receipt else lines)


def verify_receipts(run_id: int | None) -> tuple[int, int]:
    """Say of every account of a pipeline whether it stands; answers how many there are and how many do not."""
    from yanta.hub.pipelines.models import PipelineReceipt
    from yanta.hub.pipelines.running.accounts import faults

    found = PipelineReceipt.objects.filter(run_id=run_id) if run_id else PipelineReceipt.objects.all()
    seen = broken = 0
    for receipt in found.select_related("run__pipeline").order_by("pk"):
        wrong = faults(receipt)
        seen, broken = seen + 1, broken + bool(wrong)
        click.echo(
            f"{receipt.run.pipeline.code}/{receipt.run_id}\t{receipt.digest[:16]}\t{'；'.join(wrong) or '有效'}"
        )
    return seen, broken
