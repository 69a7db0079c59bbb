"""From trained networks to the checkpoints that a robot loads: ONNX models in safetensors beside a JSON document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import nn

from luban.catalogue import Catalogue
from luban.profile import Profile
from luban.program import ProgramCodec
from policies.control.checkpoint import read_checkpoint, write_checkpoint
from policies.planner import detector, reader
from policies.planner.detector_net import DetectorNet
from policies.planner.reader_net import ReaderNet
from policies.planner.region import Region
from policies.planner.word_table import MOST_GRAMS, WordTable


class _Encoder(nn.Module):
    def __init__(self, net: ReaderNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, words: torch.Tensor, vectors: torch.Tensor, sounds: torch.Tensor, grams: torch.Tensor) -> Any:
        return self.net.encode(words, vectors, sounds, grams)


class _Decoder(nn.Module):
    def __init__(self, net: ReaderNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, tokens: torch.Tensor, memory: torch.Tensor, words: torch.Tensor) -> Any:
        return self.net.decode(tokens, memory, words)


def export_reader(
    folder: Path, net: ReaderNet, table: WordTable, catalogue: Catalogue, card: Mapping[str, Any]
) -> None:
    """Write reader.json and its tensors, not calibrated yet. card: what it was made of and how good it is."""
    units, width = 7, net.head.in_features
    words = torch.ones(1, units, dtype=torch.long)
    inputs = {
        "words": words,
        "vectors": torch.zeros(1, units, net.vectors.in_features),
        "sounds": torch.zeros(1, units, dtype=torch.long),
        "grams": torch.zeros(1, units, MOST_GRAMS, dtype=torch.long),
    }
    encoder = _onnx(_Encoder(net), inputs, {name: {1: "units"} for name in inputs}, "memory")
    inputs = {"tokens": torch.zeros(1, 3, dtype=torch.long), "memory": torch.zeros(1, units, width), "words": words}
    decoder = _onnx(
        _Decoder(net), inputs, {"tokens": {1: "t"}, "memory": {1: "units"}, "words": {1: "units"}}, "logits"
    )
    document = {
        "format": reader.FORMAT, "vocabulary": list(ProgramCodec(catalogue).vocabulary),
        "calibration": [1.0, 0.0], "card": dict(card),
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    write_checkpoint(
        folder / "reader.json", document, {"encoder": _bytes(encoder), "decoder": _bytes(decoder), **table.tensors()}
    )


def calibrate_reader(folder: Path, calibration: tuple[float, float]) -> None:
    """Set slope and offset of the confidence in reader.json. Raises PolicyError when there is none."""
    document, tensors = read_checkpoint(folder / "reader.json")
    write_checkpoint(folder / "reader.json", document | {"calibration": list(calibration)}, tensors)


def export_detector(folder: Path, net: DetectorNet, profile: Profile, card: Mapping[str, Any]) -> None:
    """Write detector.json and its tensors."""
    region = Region.of(profile)
    model = _onnx(net, {"image": torch.zeros(1, 3, *region.size)}, {}, "maps")
    document = {
        "format": detector.FORMAT, "shapes": list(profile.catalogue.shapes), "colors": list(profile.catalogue.colors),
        "input": list(region.size), "card": dict(card),
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    write_checkpoint(folder / "detector.json", document, {"net": _bytes(model)})


def _onnx(
    net: nn.Module, inputs: Mapping[str, torch.Tensor], dynamic: Mapping[str, Mapping[int, str]], output: str
) -> bytes:
    names: Sequence[str] = list(inputs)
    shapes = {
        name: {axis: torch.export.Dim(dim, min=1, max=512) for axis, dim in dynamic.get(name, {}).items()}
        for name in names
    }
    program = torch.onnx.export(
        net.eval(), kwargs=dict(inputs), input_names=names, output_names=[output], dynamo=True, verbose=False,
        dynamic_shapes=shapes if dynamic else None,
    )  # fmt: skip
    assert program is not None
    model = program.model_proto
    _halve(model)
    _anonymise(model)
    return bytes(model.SerializeToString())


def _anonymise(model: onnx.ModelProto) -> None:
    """Drop the exporter's notes on where in which source each node comes from."""
    graph = model.graph
    for item in (model, graph, *graph.node, *graph.initializer, *graph.value_info, *graph.input, *graph.output):
        del item.metadata_props[:]
        item.doc_string = ""


def _halve(model: onnx.ModelProto) -> None:
    """Store large tensors in 16 bits; they are widened again when the model is loaded, and computed with in 32."""
    graph, casts = model.graph, []
    for tensor in list(graph.initializer):
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype == np.float32 and values.size > 1024:
            name = tensor.name
            tensor.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), f"{name}_16"))
            casts.append(onnx.helper.make_node("Cast", [f"{name}_16"], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def _bytes(data: bytes) -> np.ndarray:
    return np.frombuffer(data, np.uint8)
