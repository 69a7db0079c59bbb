"""`luban distill`: make the planner's student, from data to checkpoints; every stage goes on where it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from safetensors.numpy import load_file, save

from luban.errors import LubanError, unknown
from luban.profile import Profile, load_profile
from luban.program import ProgramCodec
from luban.whole_file import write_whole
from policies.planner.planners import learned_planner
from policies.planner.reader import Reader
from policies.planner.training import detector_training, reader_scoring, student_scoring
from policies.planner.training.export import calibrate_reader, export_detector, export_reader
from policies.planner.training.generated_tasks import generated_tasks, line_of, play_meant
from policies.planner.training.reader_training import ReaderRecipe, ReaderTraining, Sentence
from policies.planner.training.sentences import SHARD as SENTENCES
from policies.planner.training.sentences import sentences, write_sentences
from policies.planner.training.shards import SHARD as PICTURES
from policies.planner.training.shards import render
from policies.planner.training.word_vectors import qwen_embeddings, word_table
from policies.planner.word_table import WordTable
from policies.provenance import ROOT, asked, commit

DEVELOPMENT = ROOT / "tests/planner/development.jsonl"
TRAINING, HELD_OUT, UNSEEN = 1, 2, 3  # seeds of data


@dataclass(frozen=True)
class Recipe:
    """pictures: shards of 250; sentences: shards of 10,000; tasks: to be verified and scored on."""

    pictures: int = 32
    sentences: int = 30
    tasks: int = 200
    detector: detector_training.DetectorRecipe = field(default_factory=detector_training.DetectorRecipe)
    reader: ReaderRecipe = field(default_factory=ReaderRecipe)


RECIPES = {
    "core": Recipe(),  # two hours on one core
    "gpu": Recipe(
        200,
        200,
        detector_training.DetectorRecipe(60_000, 64),
        ReaderRecipe(60_000, 512, width=256, encoder=6, decoder=4),
    ),
    "debug": Recipe(1, 1, 2, detector_training.DetectorRecipe(3, 2), ReaderRecipe(3, 8)),
}
# What each part of the reader's knowledge is worth: the same run without it.
ABLATIONS = {
    "all": {},
    "no word vectors of Qwen": {"vectors": False},
    "no slips in the sentences": {"noise": False},
    "no sounds and letter runs": {"sounds": False},
}


@dataclass(frozen=True)
class Distillation:
    """One student in the making. folder: data and runs; out: checkpoints."""

    profile: Profile
    recipe: Recipe
    folder: Path
    out: Path
    teacher: Path | None

    def pictures(self) -> None:
        render(self.profile, self.folder / "data", self.recipe.pictures, TRAINING)
        render(self.profile, self.folder / "data", min(2, self.recipe.pictures), HELD_OUT)

    def sentences(self) -> None:
        write_sentences(self.profile.catalogue, self.folder / "data", self.recipe.sentences, TRAINING)
        write_sentences(self.profile.catalogue, self.folder / "data", 1, HELD_OUT)

    def words(self) -> None:
        path = self.folder / "words.safetensors"
        if path.exists():
            return
        if self.teacher is None:
            raise LubanError(
                "the stage words needs the teacher's words: --teacher PATH of a Qwen text model as a GGUF file; "
                "policies/checkpoints/planner/README.md says where to get one"
            )
        spelled, embeddings = qwen_embeddings(self.teacher)
        said = sentences(self.folder / "data", TRAINING, self.recipe.sentences)
        write_whole(path, save(word_table((text for _, text, _ in said), spelled, embeddings).tensors()))

    def detector(self) -> None:
        shards = self.recipe.pictures
        score = detector_training.train(
            self.profile, self.folder / "data", shards, self.folder / "detector", self.recipe.detector
        )
        typer.echo(f"detector: {score}")
        net = detector_training.trained(self.profile, self.folder / "detector")
        export_detector(
            self.out, net, self.profile, self._card() | {"score": vars(score), "pictures": shards * PICTURES}
        )

    def tasks(self) -> None:
        """Write tasks that the expert, told what they mean, has brought to their goals: `luban eval` scores on them."""
        path, kept = self.folder / "tasks.jsonl", []
        for task, meaning in islice(generated_tasks(self.profile.catalogue, HELD_OUT), self.recipe.tasks):
            episode = play_meant(self.profile, task, meaning)
            if episode.success:
                kept.append(line_of(task))
            typer.echo(f"{task.id} {task.kind}: {'kept' if episode.success else 'left out'}, {episode.reason}")
        write_whole(path, "\n".join(kept).encode())
        typer.echo(f"{len(kept)} of {self.recipe.tasks} tasks reach their goal; {path}")

    def score(self) -> None:
        """Print how well the student in `out` decides in new scenes."""
        student = learned_planner(replace(self.profile, planner=replace(self.profile.planner, name="vla")), self.out)
        tasks = generated_tasks(self.profile.catalogue, UNSEEN)
        found = student_scoring.decisions(self.profile, student, tasks, 2 * self.recipe.tasks)
        for line in student_scoring.table(found):
            typer.echo(line)

    def reader(self) -> None:
        run = self._reader_run("reader", self.recipe.reader)
        run.train()
        card = self._card() | {"recipe": vars(self.recipe.reader), "sentences": self.recipe.sentences * SENTENCES}
        self._export(run, card)
        calibrate_reader(self.out, reader_scoring.calibration(self._read()))
        typer.echo(f"development phrases\n{reader_scoring.summary(self._read())}")

    def ablation(self) -> None:
        """Print what each part of the reader's knowledge is worth; a third of the reader's steps each."""
        for name, change in ABLATIONS.items():
            recipe = replace(self.recipe.reader, steps=max(3, self.recipe.reader.steps // 3), **change)
            run = self._reader_run(f"ablation/{name.replace(' ', '_')}", recipe)
            run.train()
            other = replace(self, out=self.folder / "ablation" / "checkpoint")
            other._export(run, {})
            typer.echo(f"{name}\n{reader_scoring.summary(other._read())}")

    def _reader_run(self, name: str, recipe: ReaderRecipe) -> ReaderTraining:
        said = sentences(self.folder / "data", TRAINING, self.recipe.sentences)
        corpus = [Sentence(language, text, program) for language, text, program in said]
        table = WordTable.of(load_file(self.folder / "words.safetensors"))
        return ReaderTraining(self.profile.catalogue, table, corpus, self.folder / name, recipe)

    def _export(self, run: ReaderTraining, card: dict[str, Any]) -> None:
        export_reader(self.out, run.net, run.table, self.profile.catalogue, card)

    def _read(self) -> list[reader_scoring.Read]:
        reader, codec = Reader.load(self.out, self.profile.catalogue), ProgramCodec(self.profile.catalogue)
        return reader_scoring.read_all(reader, codec, reader_scoring.phrases(DEVELOPMENT))

    def _card(self) -> dict[str, Any]:
        return {
            "command": asked(), "commit": commit(),
            "date": datetime.now(UTC).date().isoformat(), "teacher": self.teacher.name if self.teacher else "",
        }  # fmt: skip


STAGES: dict[str, Callable[[Distillation], None]] = {
    "pictures": Distillation.pictures,
    "sentences": Distillation.sentences,
    "words": Distillation.words,
    "detector": Distillation.detector,
    "reader": Distillation.reader,
    "tasks": Distillation.tasks,
    "score": Distillation.score,
    "ablation": Distillation.ablation,
}
ALL = ("pictures", "sentences", "words", "detector", "reader")
DATA = ("pictures", "sentences")


def command(
    stage: Annotated[str, typer.Option(help=f"{', '.join(STAGES)}; data: both kinds; all: up to the reader.")] = "all",
    recipe: Annotated[str, typer.Option(help=", ".join(RECIPES))] = "core",
    profile: Annotated[str, typer.Option(help="Whose cell and catalogue.")] = "sim",
    teacher: Annotated[Path | None, typer.Option(help="A Qwen text model as a GGUF file, for its words.")] = None,
    folder: Annotated[Path, typer.Option(help="Data and runs.")] = Path("out/distill"),
    out: Annotated[Path | None, typer.Option(help="Checkpoints; FOLDER/checkpoint by default.")] = None,
    threads: Annotated[int, typer.Option(min=1, help="Of training.")] = 1,
) -> None:
    """Distil the planner's student: pictures, sentences, the teacher's words, detector, reader. Resumes."""
    if recipe not in RECIPES:
        raise LubanError(unknown("recipe", recipe, RECIPES))
    chosen = {"all": ALL, "data": DATA}.get(stage, (stage,))
    if stage not in (*STAGES, "all", "data"):
        raise LubanError(unknown("stage", stage, (*STAGES, "data", "all")))
    torch.set_num_threads(threads)
    work = Distillation(load_profile(profile), RECIPES[recipe], folder, out or folder / "checkpoint", teacher)
    for name in chosen:
        STAGES[name](work)
