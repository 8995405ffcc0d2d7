"""The top of the command line: which commands there are and where each one lives."""

import signal
import sys
from importlib import import_module
from types import FrameType

import click

COMMANDS = {
    "run": ("yanta.config.cli.run:run", "Prepare everything, serve, and say where and as whom to sign in."),
    "serve": ("yanta.config.cli.serve:serve", "Answer the web."),
    "work": ("yanta.config.cli.serve:work", "Do background and scheduled work."),
    "migrate": ("yanta.config.cli.prepare:migrate", "Bring the schema and the code tables up to date."),
    "demo": ("yanta.config.cli.prepare:demo", "Fill the database with a made-up university."),
    "check": ("yanta.config.cli.inspect:check", "Check every declaration; says what is wrong and where."),
    "show": ("yanta.config.cli.inspect:show", "Print what is derived from a system's declarations."),
    "hub": ("yanta.config.cli.hub:hub", "Data runs: take in, match, load, replay."),
    "nodes": ("yanta.config.cli.nodes:nodes", "Other nodes: join, push, compare receipts."),
    "snapshots": ("yanta.config.cli.snapshots:snapshots", "Frozen data: freeze a day, prove, compare."),
    "reporting": ("yanta.config.cli.reporting:reporting", "Statutory reports: check definitions, rehearse."),
    "audit": ("yanta.config.cli.audit:audit", "The audit chain."),
    "keys": ("yanta.config.cli.keys:keys", "Every key of the installation: age, rotation."),
    "sso": ("yanta.config.cli.sso:sso", "Single sign-on: test clients, keys, the log."),
    "timetable": (
        "yanta.config.cli.timetable:timetable",
        "Timetables by file: solve, score (ITC-2007, ITC-2019).",
    ),
    "identity": (
        "yanta.config.cli.identity:identity",
        "Accounts: leaked passwords, the check of all; the logs of sign-ins.",
    ),
    "backup": ("yanta.config.cli.backup:backup", "Write database and files into one folder with checksums."),
    "restore": ("yanta.config.cli.backup:restore", "Bring a backup back, or prove that it could be."),
    "bench": ("yanta.config.cli.bench:bench", "Measure, beside what it is compared with."),
    "new-system": ("yanta.config.cli.new_system:new_system", "Write the starting files of a system."),
    "messages": ("yanta.config.cli.messages:messages", "Collect or compile the texts for translation."),
    "schema": ("yanta.config.cli.prepare:schema", "The schema template that first runs restore."),
    "cluster": ("yanta.config.cli.cluster:cluster", "The private PostgreSQL cluster."),
    "manage": ("yanta.config.cli.manage:manage", "Run a Django management command."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name][0].split(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)  # noqa: S101 - narrows the type
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def _leave(number: int, frame: FrameType | None) -> None:
    # An ordinary exit, so that the private cluster is given up.
    sys.exit(128 + number)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="yanta")
def main() -> None:
    """Yanta, the open digital campus."""
    signal.signal(signal.SIGTERM, _leave)
