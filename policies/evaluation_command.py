"""`luban eval`: play a task file, print the table, write JSON and one picture."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from tqdm import tqdm

from luban.errors import LubanError, unknown
from luban.event_log import EventLog
from luban.profile import CONTROLS, PLANNERS, Profile, load_profile
from luban.ros_environment import require
from luban.task import load_tasks
from policies.contact_sheet import ContactSheet
from policies.evaluation import Episode, LocalStage, Played, Stage, chosen, evaluate, summary, write_results

AVAILABLE = {"planner": PLANNERS, "perception": ("truth",), "control": CONTROLS}


def command(
    tasks: Annotated[Path, typer.Argument(help="Task file: one JSON object a line.")],
    out: Annotated[Path, typer.Option(help="Results as JSON; the picture lies beside it.")] = Path("out/eval.json"),
    profile: Annotated[str, typer.Option(help="Profile: a name or a path.")] = "sim",
    planner: Annotated[
        str | None, typer.Option(help="Who decides the next skill: vla, expert or teacher; else as the profile says.")
    ] = None,
    perception: Annotated[str, typer.Option(help="Who grounds the image point: truth.")] = "truth",
    control: Annotated[
        str | None, typer.Option(help="Who moves, for every skill: rl or baseline; else as the profile says.")
    ] = None,
    ros: Annotated[
        bool, typer.Option("--ros", help="Play through the ROS 2 graph instead of in this process.")
    ] = False,
    episodes: Annotated[
        int | None, typer.Option(min=1, help="How many episodes; the file is repeated as needed.")
    ] = None,
    pace: Annotated[float, typer.Option(min=0.01, max=100.0, help="With --ros: pace of simulated time.")] = 1.0,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the physics; the same seed gives the same table.")] = 0,
) -> None:
    """Score a task file: success by kind and language with Wilson 95 % intervals, as a table, JSON and a picture."""
    settings: dict[str, Any] = {"planner": planner, "perception": perception, "control": control}
    for option, value in settings.items():
        if value is not None and value not in AVAILABLE[option]:
            raise LubanError(f"--{option}: " + unknown(option, value, AVAILABLE[option]))
    cell = load_profile(profile).controlled_by(control).planned_by(planner)
    loaded = load_tasks(tasks, cell.catalogue)
    count = len(loaded) if episodes is None else episodes
    if out.is_dir():
        raise LubanError(f"--out {out} is a folder; a file name is required, e.g. {out / 'eval.json'}")
    sheet, played = ContactSheet(), []
    events = out.with_suffix(".events.jsonl")
    stage = _ros_stage(cell, profile, planner, control, pace, events) if ros else LocalStage(cell, EventLog(events))
    try:
        with tqdm(total=count, unit="episode", file=sys.stderr, disable=None) as bar:

            def report(episode: Episode, end: Played) -> None:
                sheet.add(episode, end.picture)
                played.append(episode)
                bar.update()
                bar.set_postfix_str(f"{sum(e.success for e in played)}/{len(played)} {episode.id}")
                if not episode.success:
                    bar.write(f"  {episode.id}: {episode.reason}", file=sys.stderr)

            evaluate(stage, chosen(loaded, episodes, seed), report)
    finally:
        stage.close()
        if played:  # an interrupted run keeps what it has
            settings |= {
                "planner": cell.planner.name,
                "control": asdict(cell.control),
                "ros": ros,
                "seed": seed,
                "asked": count,
                "played": len(played),
            }
            write_results(out, played, settings)
            sheet.save(out.with_suffix(".png"))
    Console().print(table(played))
    typer.echo(f"results: {out}   picture: {out.with_suffix('.png')}")


def _ros_stage(
    profile: Profile, name: str, planner: str | None, control: str | None, pace: float, events: Path
) -> Stage:
    """The stage of the ROS package; the root packages do not import it."""
    require()
    stage = importlib.import_module("luban_nodes.ros_stage").RosStage
    return stage(profile, name, pace, events, planner=planner, control=control)  # type: ignore[no-any-return]


def table(episodes: Sequence[Episode]) -> Table:
    """The table of `luban eval`: a row a kind, columns by language, with Wilson 95 % intervals."""
    scores = summary(episodes)
    languages = sorted({episode.lang for episode in episodes})
    result = Table(title="Success, Wilson 95 % interval")
    for heading in ("kind", *languages, "all"):
        result.add_column(heading, justify="left" if heading == "kind" else "right")
    for kind in dict.fromkeys(episode.kind for episode in episodes):
        by_language = [_cell(scores.get(f"kind:{kind}/{language}")) for language in languages]
        result.add_row(kind, *by_language, _cell(scores[f"kind:{kind}"]))
    result.add_section()
    result.add_row("all", *[_cell(scores[f"lang:{language}"]) for language in languages], _cell(scores["all"]))
    return result


def _cell(score: dict[str, Any] | None) -> str:
    if score is None:
        return "–"
    low, high = score["wilson95"]
    return f"{score['success']}/{score['count']} [{100 * low:.0f}, {100 * high:.0f}] %"
