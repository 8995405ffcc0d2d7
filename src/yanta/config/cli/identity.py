"""`yanta identity leaked-passwords import FILE | show`, `yanta identity check`, `yanta identity log …`."""

from pathlib import Path

import click

from yanta.config.cli.identity_log import log
from yanta.config.cli.opening import open_django, progress


@click.group()
def identity() -> None:
    """Accounts: leaked passwords, the check of all accounts, the logs of sign-ins and of the doors."""


identity.add_command(log)


@identity.group("leaked-passwords")
def leaked_passwords() -> None:
    """The school's own copy of a public collection of leaked passwords."""


@leaked_passwords.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--at-least", default=1, show_default=True, help="Leave out what was seen less often than this."
)
def import_(file: Path, at_least: int) -> None:
    """Make the collection anew from FILE in the text format of Pwned Passwords (SHA1:COUNT, one a line)."""
    open_django(database=False)
    from yanta.kernel.base import Refused
    from yanta.kernel.identity.leaked_import import import_file

    try:
        with progress("导入泄露密码库") as step:
            receipt = import_file(file, at_least=at_least, step=step)
    except Refused as refusal:
        raise click.ClickException(refusal.message) from refusal
    click.echo(str(receipt))


@leaked_passwords.command()
def show() -> None:
    """How many entries there are, since when, and how often a good password is taken for one of them."""
    open_django(database=False)
    from datetime import datetime

    from yanta.kernel.identity import leaked

    found = leaked.collection()
    if found is None:
        raise click.ClickException("还没有导入泄露密码库：yanta identity leaked-passwords import FILE")
    at = datetime.fromtimestamp(found.imported_at).astimezone()
    click.echo(f"{found.entries} 条，{at:%Y-%m-%d %H:%M} 导入，只含出现 {found.at_least} 次以上的")
    click.echo(f"误判概率 {found.entries / 2**56:.1e}（库外的密码被当作已泄露），不会漏判")


@identity.command()
def check() -> None:
    """Check all accounts now and print the receipt."""
    open_django()
    from yanta.kernel.base import Actor
    from yanta.kernel.identity.jobs import check_accounts
    from yanta.kernel.jobs import run_now

    run = run_now(check_accounts, actor=Actor.system("cli"))
    click.echo(run.text)
