"""`yanta keys list | show | rotate | reseal`."""

import json
import sys
from datetime import UTC, datetime, timedelta

import click

from yanta.config.cli.opening import open_django, progress


@click.group()
def keys() -> None:
    """Every key of the installation: how old, when due, and a new one for all or some of them."""


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def list_keys(as_json: bool) -> None:
    """What each key is for, its age, when it is due; exit status 1 when one is overdue."""
    open_django()
    from yanta.config import keyring

    now, overdue = datetime.now(UTC), False
    for holder in keyring.holders():
        made, due = holder.made_at(), holder.due_on()
        late = due is not None and due <= now
        overdue = overdue or (late and holder.rotate is not None)
        told = {
            "name": holder.name, "purpose": holder.purpose, "age_days": (now - made).days if made else None,
            "due_on": f"{due:%Y-%m-%d}" if due else None, "overdue": late, "overlap": holder.overlap, "how": holder.how,
        }  # fmt: skip
        if as_json:
            click.echo(json.dumps(told, ensure_ascii=False))
        else:
            age = f"{told['age_days']} days" if made else "age unknown"
            click.echo(
                f"{holder.name:<9}{age:<14}due {told['due_on'] or '—':<12}{holder.purpose}; {holder.overlap}"
            )
    sys.exit(1 if overdue else 0)


@keys.command()
def show() -> None:
    """Print every public key that signed receipts, the one in use last; upper nodes pin them."""
    open_django(database=False)
    from yanta.kernel.base import signatures

    for key in signatures.own_keys():
        mark = "*" if key == signatures.own_key() else " "
        click.echo(f"{mark} {key.algorithm} {key.key_id}\n{key.pem}")


@keys.command()
@click.option("--what", multiple=True, help="oidc, saml, signing, session or data; by default all of them.")
@click.option("--due", is_flag=True, help="Only those that are due within a week.")
@click.option("--yes", is_flag=True, help="Do not ask first.")
def rotate(what: tuple[str, ...], due: bool, yes: bool) -> None:
    """Use new keys from now on; what the old ones signed and sealed is accepted and read as before."""
    open_django()
    from yanta.config import keyring

    known = {holder.name: holder for holder in keyring.holders() if holder.rotate}
    unknown = set(what) - set(known)
    if unknown:
        raise click.ClickException(f"no such key: {', '.join(unknown)}; there are {', '.join(known)}")
    chosen = [known[name] for name in known if name in (what or known)]
    if due:
        soon = datetime.now(UTC) + timedelta(days=7)
        chosen = [one for one in chosen if (one.due_on() or soon) <= soon]
    if chosen and not yes:
        click.confirm(f"New keys for {', '.join(one.name for one in chosen)}. Go on?", abort=True)
    done = [_rotated(one) for one in chosen]
    if not all(done):
        sys.exit(1)


def _rotated(holder: object) -> bool:
    """Change one key and put it on record; one that is kept elsewhere does not stop the others."""
    from yanta.config.keyring import Holder, NotHereError
    from yanta.kernel import audit
    from yanta.kernel.base import Actor

    if not isinstance(holder, Holder) or holder.rotate is None:
        return False
    try:
        with progress(holder.name) as step:
            done = holder.rotate(step)
    except NotHereError as elsewhere:
        click.echo(f"{holder.name}: not rotated, {elsewhere}", err=True)
        return False
    audit.record(
        "base.key.rotate",
        actor=Actor.system("keys"),
        summary=f"轮换密钥：{holder.name}",
        data={"key": holder.name, "done": done},
    )
    click.echo(f"{holder.name}: {done}")
    return True


@keys.command()
def reseal() -> None:
    """Seal anew what stands under earlier data keys: the rest after a kill, or what was restored from a backup."""
    open_django()
    from yanta.config import keyring

    with progress("data") as step:
        click.echo(keyring.reseal(step))
