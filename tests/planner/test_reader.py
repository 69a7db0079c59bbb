"""The reader from a teacher's words to a checkpoint, small: every step that `luban distill` takes, on real files."""

from __future__ import annotations

import json
from pathlib import Path

import gguf
import numpy as np
import pytest
import torch

from luban.errors import PolicyError
from luban.meaning import NotUnderstood
from luban.profile import load_profile
from luban.program import ProgramCodec
from policies.planner.reader import Reader
from policies.planner.text_units import MOST_UNITS, counts_beyond, is_cut_off, units
from policies.planner.training.export import calibrate_reader, export_reader
from policies.planner.training.noise import Noise, sound_of
from policies.planner.training.reader_training import ReaderRecipe, ReaderTraining, Sentence
from policies.planner.training.sentences import Speaker
from policies.planner.training.word_vectors import WIDTH, qwen_embeddings, word_table
from policies.planner.word_table import WordTable

CATALOGUE = load_profile("sim").catalogue
RECIPE = ReaderRecipe(steps=6, batch=4, width=40, encoder=1, decoder=1)
TOKENS = ["Ġput", "Ġgear", "Ġcog", "Ġred", "Ġbin", "é½¿", "è½®", "é½¿è½®", "æĶ¾", "çº¢", "ge", "ars"]


@pytest.fixture(scope="module")
def corpus() -> list[Sentence]:
    speaker, codec, random = Speaker(CATALOGUE), ProgramCodec(CATALOGUE), np.random.default_rng(3)
    said = [speaker.say(random) for _ in range(60)]
    return [Sentence(language, text, list(codec.tokens_of(meaning))) for language, text, meaning in said]


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file as Qwen's text models come in, with few tokens and random vectors but for "cog", which is as "gear"."""
    path = tmp_path_factory.mktemp("teacher") / "small.gguf"
    rows = np.random.default_rng(0).standard_normal((len(TOKENS), 2 * WIDTH)).astype(np.float32)
    rows[TOKENS.index("Ġcog")] = rows[TOKENS.index("Ġgear")]
    writer = gguf.GGUFWriter(path, "qwen2")
    writer.add_token_list(TOKENS)
    writer.add_tensor("token_embd.weight", rows)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture(scope="module")
def table(teacher: Path, corpus: list[Sentence]) -> WordTable:
    spelled, embeddings = qwen_embeddings(teacher)
    assert spelled["齿轮"] == TOKENS.index("é½¿è½®") and spelled[" put"] == 0
    return word_table((sentence.text for sentence in corpus), spelled, embeddings)


@pytest.fixture(scope="module")
def checkpoint(table: WordTable, corpus: list[Sentence], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reader")
    run = ReaderTraining(CATALOGUE, table, corpus, folder / "run", RECIPE)
    run.train()
    export_reader(folder, run.net, table, CATALOGUE, {})
    return folder


def test_units_are_words_characters_and_marks():
    assert units("Don't put 2 ＧＥＡＲS\u200b→box!\x00") == ["don't", "put", "2", "gears", "→", "box", "!"]
    assert units("把红色 gear放") == ["把", "红", "色", "gear", "放"]


def test_texts_that_stop_short_or_count_beyond_the_grammar_are_known():
    assert is_cut_off(units("Put the red gear into the")) and is_cut_off(units("先把轴插到……"))
    assert not is_cut_off(units("Put the red gear into the blue bin, please.")) and not is_cut_off(units("放进去"))
    for text in ("put zero bolts", "put 12 nuts", "put 0 nuts", "take twenty gears", "拿零个螺栓", "放一百颗螺母"):
        assert counts_beyond(units(text), 9), text
    for text in ("put 3 nuts", "把两个零件", "把所有零件都放好", "tidy the empty tray"):
        assert not counts_beyond(units(text), 9), text


def test_words_that_mean_alike_to_the_teacher_have_alike_vectors(table):
    gear, cog, red = (table.features([word]).vectors[0] for word in ("gear", "cog", "red"))
    assert gear.any() and np.allclose(gear, cog) and not np.allclose(gear, red)


def test_characters_know_the_word_that_they_are_part_of(table):
    features = table.features(units("放齿轮"))
    assert not features.vectors[0, table.width :].any()
    assert features.vectors[1, table.width :].any() and np.array_equal(
        features.vectors[1, table.width :], features.vectors[2, table.width :]
    )


def test_the_table_survives_a_checkpoint(table):
    again = WordTable.of(table.tensors())
    for one, other in zip(
        vars(table.features(units("put 齿轮 foo"))).values(),
        vars(again.features(units("put 齿轮 foo"))).values(),
        strict=True,
    ):
        assert np.array_equal(one, other)
    with pytest.raises(PolicyError, match="words"):
        WordTable.of({**table.tensors(), "words/names": np.frombuffer(b"{", np.uint8)})


def test_a_killed_run_goes_on_to_the_same_network(table, corpus, tmp_path):
    whole = ReaderTraining(CATALOGUE, table, corpus, tmp_path / "whole", RECIPE)
    whole.train()
    ReaderTraining(CATALOGUE, table, corpus, tmp_path / "parts", RECIPE).train(until=3)
    rest = ReaderTraining(CATALOGUE, table, corpus, tmp_path / "parts", RECIPE)
    rest.train()
    for one, other in zip(whole.net.parameters(), rest.net.parameters(), strict=True):
        assert torch.equal(one, other)


def test_the_exported_networks_compute_the_same(checkpoint, table, corpus):
    run = ReaderTraining(CATALOGUE, table, corpus, checkpoint / "run", RECIPE)
    run.train()
    run.net.eval()
    reader = Reader.load(checkpoint, CATALOGUE)
    for text in ("put the red gear in the bin", "把齿轮放进红色料箱，再把螺母放进托盘", "x"):
        inputs = run.inputs([text])
        with torch.no_grad():
            expected = run.net.encode(*inputs).numpy()
        names = ("words", "vectors", "sounds", "grams")
        (memory,) = reader._encoder.run(None, {name: value.numpy() for name, value in zip(names, inputs, strict=True)})
        assert np.allclose(memory, expected, atol=0.02)  # the checkpoint keeps 16 bits


@pytest.mark.parametrize("text", ["", "  \n", "…！？", "a" * 5000, "gear " * 5000, "\ud800", "🤖" * 300, "把" * 9000])
def test_any_text_is_read_as_something(checkpoint, text):
    reading = Reader.load(checkpoint, CATALOGUE).read(text)
    assert 0.0 <= reading.confidence <= 1.0
    if len(units(text)) > MOST_UNITS or not any(unit[0].isalnum() for unit in units(text)):
        assert isinstance(reading.meaning, NotUnderstood)


def test_calibrating_changes_the_confidence_alone(checkpoint, tmp_path):
    for path in checkpoint.glob("reader*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    calibrate_reader(tmp_path, (0.5, 2.0))
    before, after = (Reader.load(folder, CATALOGUE).read("put the red gear") for folder in (checkpoint, tmp_path))
    assert after.meaning == before.meaning and after.confidence > before.confidence


def test_a_checkpoint_for_other_names_is_refused(checkpoint, tmp_path):
    document = json.loads((checkpoint / "reader.json").read_text())
    document["vocabulary"].remove("shape:gear")
    for name in (document["tensors"]["file"],):
        (tmp_path / name).write_bytes((checkpoint / name).read_bytes())
    (tmp_path / "reader.json").write_text(json.dumps(document))
    with pytest.raises(PolicyError, match="shape:gear"):
        Reader.load(tmp_path, CATALOGUE)


def test_slips_keep_most_of_a_sentence_and_are_reproducible(corpus):
    noise = Noise("".join({c for sentence in corpus for c in sentence.text}))
    spoiled = [noise.spoil(s.text, s.language, np.random.default_rng(5)) for s in corpus]
    assert spoiled == [noise.spoil(s.text, s.language, np.random.default_rng(5)) for s in corpus]
    assert all(abs(len(a) - len(b.text)) < 12 for a, b in zip(spoiled, corpus, strict=True))
    assert sound_of("轴") == sound_of("周") and sound_of("x") == ""
