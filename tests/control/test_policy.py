"""The policy at run time: the same arithmetic as its definition, and nothing runs that does not fit."""

from __future__ import annotations

import json
import os
import resource
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from luban.errors import LubanError, PolicyError
from luban.policy_contract import PolicyContract
from policies.control.checkpoint import read_checkpoint, write_checkpoint
from policies.control.network import Network
from policies.control.policy import Policy, Provenance, Scaling

CONTRACT = PolicyContract("insert", "ur5e", ("a", "b"), 125 / 6, ("x", "y", "z", "force"), ("u", "v"))
ORIGIN = Provenance("luban train insert", 0, 1000, 1.5, "abc", 200, 0.985, (0.957, 0.995), 0.8)
MOVES = {"task": "pick", "robot": "ur10e", "rate_hz": 20.0, "joint_names": ("b", "a"), "action": ("u",)}


def policy(seed: int = 0, activation: str = "elu", width: int = 16) -> Policy:
    rng = np.random.default_rng(seed)
    sizes = (4, width, width, 2)
    layers = [
        (rng.normal(size=(b, a)).astype(np.float32) / np.float32(a) ** 0.5, rng.normal(size=b).astype(np.float32))
        for a, b in pairwise(sizes)
    ]
    mean, scale = rng.normal(size=4).astype(np.float32), rng.uniform(0.1, 2.0, 4).astype(np.float32)
    scaling = Scaling(mean, scale, mean - 3 * scale, mean + 3 * scale)
    return Policy(CONTRACT, Network(layers, activation), scaling, ORIGIN)


def observations(count: int = 50) -> np.ndarray:
    return np.random.default_rng(9).normal(size=(count, 4)).astype(np.float32)


# What it computes


@pytest.mark.parametrize("activation", ["elu", "tanh"])
def test_the_action_is_that_of_the_definition(activation: str) -> None:
    made = policy(activation=activation)
    hidden = {"elu": lambda x: np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1), "tanh": np.tanh}[activation]
    for observation in observations():
        values = np.clip((observation.astype(float) - made.scaling.mean) / made.scaling.scale, -10, 10)
        for index, (weight, bias) in enumerate(made.network.layers):
            values = weight.astype(float) @ (hidden(values) if index else values) + bias
        np.testing.assert_allclose(made.act(observation), np.clip(values, -1, 1), atol=1e-5)


def test_many_at_once_are_the_same_as_one_by_one_and_stay_bounded() -> None:
    made, many = policy(), 1e6 * observations()
    actions = made.act(many)
    np.testing.assert_allclose(actions, [made.act(one) for one in many], atol=2e-6)
    assert np.abs(actions).max() == 1.0
    kept = made.act(many[0])
    before = kept.copy()
    made.act(many[1])
    np.testing.assert_array_equal(kept, before)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("shape", [(), (3,)])
def test_an_observation_that_is_not_finite_is_refused_by_name(value: float, shape: tuple[int, ...]) -> None:
    observation = np.zeros((*shape, 4), np.float32)
    observation[..., 3] = value
    with pytest.raises(PolicyError, match=r"not finite: force;"):
        policy().act(observation)


@pytest.mark.parametrize("shape", [(3,), (2, 5), (2, 2, 4), ()])
def test_an_observation_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(PolicyError, match="4 numbers"):
        policy().act(np.zeros(shape, np.float32))


def test_what_training_has_not_seen_is_named() -> None:
    made = policy()
    inside = made.scaling.high.copy()
    assert made.out_of_range(inside) == []
    outside = inside.copy()
    outside[[1, 3]] += 2 * made.scaling.scale[[1, 3]]
    assert made.out_of_range(outside) == ["y", "force"]
    assert made.out_of_range(np.full(4, np.nan, np.float32)) == list(CONTRACT.observation)


# Files


def test_a_saved_policy_comes_back_the_same(tmp_path: Path) -> None:
    made = policy()
    made.save(tmp_path / "insert.json")
    loaded = Policy.load(tmp_path / "insert.json", CONTRACT)
    for observation in observations():
        np.testing.assert_array_equal(loaded.act(observation), made.act(observation))
    assert (loaded.contract, loaded.provenance) == (CONTRACT, ORIGIN)
    assert loaded.out_of_range(made.scaling.high * 9 + 9) == made.out_of_range(made.scaling.high * 9 + 9)


@pytest.mark.parametrize("field", MOVES)
def test_a_policy_for_something_else_is_refused(field: str, tmp_path: Path) -> None:
    policy().save(tmp_path / "insert.json")
    with pytest.raises(PolicyError) as caught:
        Policy.load(tmp_path / "insert.json", replace(CONTRACT, **{field: MOVES[field]}))  # type: ignore[arg-type]
    assert {"task": "'pick'", "robot": "'ur10e'", "rate_hz": "20 Hz", "joint_names": "joints: another order",
            "action": "action: has v"}[field] in str(caught.value)  # fmt: skip


def test_every_difference_is_listed_at_once(tmp_path: Path) -> None:
    policy().save(tmp_path / "insert.json")
    other = PolicyContract("pick", "ur10e", ("a", "c"), 20.0, ("x", "y", "z", "slip"), ("u", "v"))
    with pytest.raises(PolicyError) as caught:
        Policy.load(tmp_path / "insert.json", other)
    for fault in ("task 'insert'", "robot 'ur5e'", "20.8333 Hz", "joints: lacks c", "lacks slip", "has force"):
        assert fault in str(caught.value)


def tensors_of(path: Path) -> Path:
    return path.with_name(read_checkpoint(path)[0]["tensors"]["file"])


def changed(**tensors: np.ndarray | None) -> Callable[[Path], None]:
    """Write a whole, well-checksummed checkpoint whose content is wrong."""

    def change(path: Path) -> None:
        document, held = read_checkpoint(path)
        held.update({name.replace("_", "."): value for name, value in tensors.items() if value is not None})
        kept = {name: value for name, value in held.items() if tensors.get(name.replace(".", "_"), value) is not None}
        write_checkpoint(path, document, kept)

    return change


def document(**values: object) -> Callable[[Path], None]:
    return lambda path: path.write_text(json.dumps(json.loads(path.read_text()) | values)) and None


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "no file": (lambda path: path.unlink(), "cannot read .*insert.json"),
    "no tensors": (lambda path: tensors_of(path).unlink(), "cannot read .*safetensors"),
    "one bit": (lambda path: flip(tensors_of(path)), "SHA-256"),
    "half the tensors": (lambda path: os.truncate(tensors_of(path), 500), r"SHA-256 .* \(500 bytes\)"),
    "half the document": (lambda path: os.truncate(path, 200), "no JSON"),
    "no text": (lambda path: path.write_bytes(b"\xff\xfe\x00"), "no JSON"),
    "a list": (lambda path: path.write_text("[]"), "JSON object"),
    "nothing named": (document(tensors={}), "names no tensors"),
    "elsewhere": (document(tensors={"file": "../x.safetensors", "sha256": ""}), "beside it"),
    "another format": (document(format=2), "format 2 is not known"),
    "no contract": (document(contract={"task": "insert"}), r"contract\.robot"),
    "more than known": (document(extra=1), "extra"),
    "activation": (document(activation="relu"), "unknown activation 'relu'"),
    "clip": (document(clip=0.0), "clip"),
    "a layer less": (changed(layer_2_weight=None, layer_2_bias=None), r"\(4, 2\) inputs and outputs"),
    "a lost bias": (changed(layer_1_bias=None), "lack 'layer.1.bias'|lack 'layer.2"),
    "other widths": (changed(layer_1_weight=np.ones((16, 9), np.float32)), "layer 1: .* do not fit"),
    "doubles": (changed(layer_0_bias=np.ones(16)), "float32"),
    "not finite": (changed(layer_1_bias=np.full(16, np.nan, np.float32)), "layer 1: not finite"),
    "scale": (changed(observation_scale=np.zeros(4, np.float32)), "above 0"),
    "mean": (changed(observation_mean=np.ones(5, np.float32)), "observation.mean: 4 finite"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_policy_is_refused_in_one_clear_sentence(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "insert.json"
    policy().save(path)
    harm, message = DAMAGES[damage]
    harm(path)
    with pytest.raises(PolicyError, match=message) as caught:
        Policy.load(path, CONTRACT)
    assert "\n" not in str(caught.value)


# Saving


def test_only_the_last_policy_is_left(tmp_path: Path) -> None:
    path = tmp_path / "insert.json"
    (tmp_path / "insert-mine.safetensors").touch()
    for seed in range(3):
        policy(seed).save(path)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        ["insert.json", "insert-mine.safetensors", tensors_of(path).name]
    )


@pytest.mark.parametrize("calls", [0, 1])
def test_a_kill_between_the_files_leaves_the_last_good_policy(
    calls: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends where the tensors, or the document, would have been moved into place."""
    path, left, move = tmp_path / "insert.json", [calls], os.replace
    policy(0).save(path)

    def replace_or_die(source: Path, target: Path) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        move(source, target)

    monkeypatch.setattr(os, "replace", replace_or_die)
    with pytest.raises(KeyboardInterrupt):
        policy(1).save(path)
    monkeypatch.undo()
    observation = observations(1)[0]
    np.testing.assert_array_equal(Policy.load(path, CONTRACT).act(observation), policy(0).act(observation))
    policy(1).save(path)
    np.testing.assert_array_equal(Policy.load(path, CONTRACT).act(observation), policy(1).act(observation))


def test_a_full_disk_is_said_and_leaves_the_last_good_policy(tmp_path: Path) -> None:
    path = tmp_path / "insert.json"
    policy(0).save(path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(LubanError, match=r"cannot write .*safetensors.*untouched"):
            policy(1, width=128).save(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    observation = observations(1)[0]
    np.testing.assert_array_equal(Policy.load(path, CONTRACT).act(observation), policy(0).act(observation))
    assert len(list(tmp_path.iterdir())) == 2
