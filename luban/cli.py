"""The command line. Commands are imported when they are called, so that `luban --help` stays quick."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from luban import __version__
from luban.errors import LubanError, MissingComponent, unknown

# name -> (module with a function `command`, one line of help)
COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("luban.launch_command", "Start the ROS 2 graph of a profile."),
    "task": ("luban_nodes.task_command", "Give a task to a running graph, in Chinese or English."),
    "eval": ("policies.evaluation_command", "Score a task file: success by kind and language, with intervals."),
    "demo": (
        "luban_nodes.demo_command",
        "Two spoken-style tasks through the real ROS 2 graph, with pictures and a video.",
    ),
    "train": (
        "policies.control.training.train_command",
        "Train a controller in the simulator and score it beside its baseline.",
    ),
    "distill": (
        "policies.planner.training.distill_command",
        "Make the learned planner: data, detector, reader.",
    ),
    "bench": ("policies.bench_command", "Measure speeds side by side with their references."),
    "doctor": ("luban.doctor", "Say what is installed, what is missing and what to do."),
}
ROS_PACKAGES = ("luban_nodes",)


class LazyGroup(TyperGroup):
    """A command group that imports a command only to run it."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a stand-in with the help line; the command itself is imported in `resolve_command`."""
        if cmd_name not in COMMANDS:
            raise LubanError(unknown("command", cmd_name, COMMANDS))
        return TyperCommand(name=cmd_name, help=COMMANDS[cmd_name][1])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, stand_in, rest = super().resolve_command(ctx, args)
        return name, _load(name) if name in COMMANDS and stand_in is not None else stand_in, rest


def _load(name: str) -> Any:
    module_name, help_line = COMMANDS[name]
    if module_name.split(".")[0] in ROS_PACKAGES:
        from luban.ros_environment import require

        require()
    try:
        command = importlib.import_module(module_name).command
    except ModuleNotFoundError as error:
        raise MissingComponent(
            f"'luban {name}' needs the Python package {error.name!r}, which is not installed; "
            "run 'make setup', or see 'luban doctor' for the extra that brings it"
        ) from error
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(name=name, help=command.__doc__ or help_line)(command)
    return typer.main.get_command(app)


app = typer.Typer(
    cls=LazyGroup,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Luban (鲁班): tell a factory cell what to do, in Chinese or English.",
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"luban {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Say it."),
) -> None:
    """Luban (鲁班): tell a factory cell what to do, in Chinese or English."""


def main() -> None:
    """Entry point: an error that a person can act on is one clear text and exit code 1, never a traceback."""
    try:
        app()
    except LubanError as error:
        print(f"luban: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("luban: interrupted", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


if __name__ == "__main__":
    main()
