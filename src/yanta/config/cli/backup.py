"""`yanta backup` and `yanta restore`: database, files and checksums in a folder; a rehearsal proves it."""

from pathlib import Path

import click

from yanta.config import environment
from yanta.config.cli.opening import open_database, progress


@click.command()
@click.option("--into", type=click.Path(path_type=Path), help="Where backups are kept; default: var/backups.")
def backup(into: Path | None) -> None:
    """Write database and files into one folder with checksums."""
    open_database()
    from yanta.config import backups

    with progress("备份") as step:
        made = backups.write(into or environment.home() / "backups", step)
    click.echo(f"{made} · {backups.size_of(made) / 1e6:,.1f} MB")


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, exists=True))
@click.option("--rehearse", is_flag=True, help="Restore into a scratch database, compare, throw away.")
@click.option("--yes", is_flag=True, help="Do not ask before replacing what is there.")
def restore(folder: Path | None, rehearse: bool, yes: bool) -> None:
    """Bring a backup back (the newest by default), or prove that it could be."""
    open_database()
    from yanta.config import backups

    chosen = folder or backups.newest(environment.home() / "backups")
    if chosen is None:
        raise click.ClickException("there is no backup yet; make one with: yanta backup")
    if not rehearse and not yes:
        click.confirm(f"Replace database and files by those of {chosen.name}?", abort=True)
    try:
        with progress("演练" if rehearse else "恢复") as step:
            found = backups.rehearse(chosen, step) if rehearse else backups.bring_back(chosen, step)
    except backups.BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(found)
