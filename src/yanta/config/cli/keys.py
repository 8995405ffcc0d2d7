"""`yanta keys show | rotate`."""

import click

from yanta.config.cli.opening import open_django


@click.group()
def keys() -> None:
    """The key pair that signs receipts and packages to other nodes."""


@keys.command()
def show() -> None:
    """Print every public key, the one in use last; upper nodes pin them."""
    open_django(database=False)
    from yanta.kernel.base import signatures

    for key in signatures.own_keys():
        mark = "*" if key == signatures.own_key() else " "
        click.echo(f"{mark} {key.algorithm} {key.key_id}\n{key.pem}")


@keys.command()
@click.option("--yes", is_flag=True, help="Do not ask first.")
def rotate(yes: bool) -> None:
    """Sign with a new key pair from now on; what the old one signed can still be verified."""
    open_django(database=False)
    from yanta.kernel.base import signatures

    if not yes:
        click.confirm("The old private key is destroyed. Go on?", abort=True)
    key = signatures.rotate()
    click.echo(f"* {key.algorithm} {key.key_id}\n{key.pem}")
