"""Pictures on disk: shards of JPEG images with their labels, each written whole, so that a run resumes where it was."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tqdm import tqdm

from luban.profile import Profile
from luban.whole_file import write_whole
from policies.planner.training.pictures import PictureCell

SHARD = 250  # pictures
QUALITY = 92


def render(profile: Profile, folder: Path, shards: int, seed: int) -> None:
    """Render the shards that are missing. Shard k of a seed is always the same pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [k for k in range(shards) if not _path(folder, seed, k).exists()]
    if not missing:
        return
    cell = PictureCell(profile)
    try:
        with tqdm(total=len(missing) * SHARD, unit="picture", desc=f"pictures {seed}") as bar:
            for k in missing:
                random = np.random.default_rng([seed, k])
                images, labels = [], []
                for _ in range(SHARD):
                    picture = cell.draw(random)
                    buffer = io.BytesIO()
                    Image.fromarray(picture.view.color).save(buffer, "JPEG", quality=QUALITY, subsampling=0)
                    images.append(np.frombuffer(buffer.getvalue(), np.uint8))
                    points = [picture.view.project(np.array(thing.position_m)) for thing in picture.things]
                    labels.append({
                        "station": picture.station,
                        "things": [
                            asdict(thing) | {"u": point.u, "v": point.v}
                            for thing, point in zip(picture.things, points, strict=True)
                        ],
                    })  # fmt: skip
                    bar.update()
                _write(_path(folder, seed, k), images, labels)
    finally:
        cell.close()


def pictures(folder: Path, seed: int, shards: int) -> Iterator[tuple[np.ndarray, dict[str, Any]]]:
    """Yield images (height, width, 3) uint8 with their labels."""
    for k in range(shards):
        with np.load(_path(folder, seed, k), allow_pickle=False) as shard:
            ends = np.cumsum(shard["sizes"])
            labels = json.loads(bytes(shard["labels"]))
            data = shard["images"]
            for end, size, label in zip(ends, shard["sizes"], labels, strict=True):
                yield np.asarray(Image.open(io.BytesIO(data[end - size : end].tobytes()))), label


def _path(folder: Path, seed: int, k: int) -> Path:
    return folder / f"pictures_{seed}_{k:04d}.npz"


def _write(path: Path, images: list[np.ndarray], labels: list[dict[str, Any]]) -> None:
    buffer = io.BytesIO()
    np.savez(
        buffer, images=np.concatenate(images), sizes=np.array([len(image) for image in images]),
        labels=np.frombuffer(json.dumps(labels).encode(), np.uint8),
    )  # fmt: skip
    write_whole(path, buffer.getvalue())
