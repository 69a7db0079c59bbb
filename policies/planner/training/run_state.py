"""Where a training is: network, optimiser and step on disk, so that a killed run goes on."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from policies.control.checkpoint import read_checkpoint, write_checkpoint


def keep(path: Path, step: int, net: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """Write the state of a run to `path` (NAME.json) and its tensors."""
    tensors = {f"net/{name}": value.numpy() for name, value in net.state_dict().items()}
    for index, moments in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer/{index}/{name}": value.numpy() for name, value in moments.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_checkpoint(path, {"step": step}, tensors)


def restore(path: Path, net: nn.Module, optimizer: torch.optim.Optimizer) -> int:
    """Take over the state of an earlier run, if there is one; return its step."""
    if not path.exists():
        return 0
    document, tensors = read_checkpoint(path)
    weights, state = {}, optimizer.state_dict()
    for name, value in tensors.items():
        kind, rest = name.split("/", 1)
        if kind == "net":
            weights[rest] = torch.from_numpy(value)
        else:
            index, moment = rest.split("/")
            state["state"].setdefault(int(index), {})[moment] = torch.from_numpy(value)
    net.load_state_dict(weights)
    optimizer.load_state_dict(state)
    return int(document["step"])
