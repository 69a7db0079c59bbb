"""Train the detector on rendered pictures; keep the best, go on after a kill."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from luban.profile import Profile
from policies.planner.detector import detections, scaled
from policies.planner.detector_net import DetectorNet
from policies.planner.region import Region
from policies.planner.training.detector_targets import SEEN, Targets, loss
from policies.planner.training.run_state import keep, restore
from policies.planner.training.shards import pictures

NEAR_PX = 8.0  # within which a detection is at a part
WARM_UP, SCORE_EVERY = 100, 250  # steps


@dataclass(frozen=True)
class DetectorRecipe:
    steps: int = 4500
    batch: int = 8
    rate: float = 1.5e-3


@dataclass(frozen=True)
class DetectorScore:
    """Of visible parts: found within 8 px; of these, right shape, colour, both. false: detections at nothing, a
    picture."""

    parts: int
    found: float
    shape: float
    color: float
    both: float
    false: float


def load_pictures(folder: Path, seed: int, shards: int, region: Region) -> tuple[np.ndarray, list[dict]]:
    """Return inputs (n, h, w, 3) uint8 and labels."""
    images, labels = [], []
    for image, label in tqdm(pictures(folder, seed, shards), unit="picture", desc="load"):
        images.append(scaled(image, region))
        labels.append(label)
    return np.stack(images), labels


def varied(images: np.ndarray, random: np.random.Generator) -> torch.Tensor:
    """Brightness, white balance, gamma and noise as cameras differ in; (n, 3, h, w) in 0..1."""
    values = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
    count = len(images)
    gain = torch.from_numpy(random.uniform(0.8, 1.2, (count, 1, 1, 1)) * random.uniform(0.93, 1.07, (count, 3, 1, 1)))
    gamma = torch.from_numpy(random.uniform(0.8, 1.25, (count, 1, 1, 1)))
    noise = torch.from_numpy(random.standard_normal(values.shape, np.float32)) * float(random.uniform(0.0, 0.03))
    return (((values * gain.float()).clamp(1e-4, 1) ** gamma.float()) + noise).clamp(0, 1)


def train(profile: Profile, folder: Path, shards: int, out: Path, recipe: DetectorRecipe) -> DetectorScore:
    """Train on shards of seed 1, score on two of seed 2. `out` holds the run's state; with it a killed run goes on."""
    steps, rate = recipe.steps, recipe.rate
    shapes, colors = list(profile.catalogue.shapes), list(profile.catalogue.colors)
    region = Region.of(profile)
    images, labels = load_pictures(folder, 1, shards, region)
    held_images, held_labels = load_pictures(folder, 2, min(2, shards), region)
    torch.manual_seed(0)
    net = DetectorNet(len(shapes), len(colors)).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(net.parameters(), rate, weight_decay=1e-4)
    start = restore(out / "detector.json", net, optimizer)
    with tqdm(range(start, steps), initial=start, total=steps, unit="step") as bar:
        for step in bar:
            random = np.random.default_rng([7, step])
            chosen = random.integers(len(images), size=recipe.batch)
            maps = net(varied(images[chosen], random).contiguous(memory_format=torch.channels_last))
            targets = Targets([labels[index] for index in chosen], region, shapes, colors)
            parts = loss(maps, targets, len(shapes))
            for group in optimizer.param_groups:
                group["lr"] = rate * min(1.0, (step + 1) / WARM_UP) * 0.5 * (1 + np.cos(np.pi * step / steps))
            optimizer.zero_grad()
            torch.stack(list(parts.values())).sum().backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 10.0)
            optimizer.step()
            bar.set_postfix({name: f"{value.item():.3f}" for name, value in parts.items()})
            if (step + 1) % SCORE_EVERY == 0 and step + 1 < steps:
                keep(out / "detector.json", step + 1, net, optimizer)
                found = score(net, held_images, held_labels, region, shapes, colors)
                tqdm.write(f"{step + 1} steps: {found}")
    keep(out / "detector.json", steps, net, optimizer)
    return score(net, held_images, held_labels, region, shapes, colors)


def trained(profile: Profile, out: Path) -> DetectorNet:
    """Return the network of a run."""
    net = DetectorNet(len(profile.catalogue.shapes), len(profile.catalogue.colors))
    restore(out / "detector.json", net, torch.optim.AdamW(net.parameters()))
    return net


def score(
    net: DetectorNet, images: np.ndarray, labels: list[dict], region: Region, shapes: list[str], colors: list[str]
) -> DetectorScore:
    """Play a detector over pictures."""
    net.eval()
    counts = np.zeros(5)
    false = 0
    with torch.no_grad():
        for image, label in zip(images, labels, strict=True):
            values = torch.from_numpy(image).permute(2, 0, 1)[None].float() / 255
            found = detections(
                net(values.contiguous(memory_format=torch.channels_last))[0].numpy(), region, shapes, colors
            )
            at = np.array([[detection.u, detection.v] for detection in found]).reshape(-1, 2)
            matched = np.zeros(len(found), dtype=bool)
            for thing in label["things"]:
                away = np.hypot(*(at - (thing["u"], thing["v"])).T) if len(at) else np.array([np.inf])
                nearest = int(away.argmin())
                hit = away[nearest] <= NEAR_PX
                if hit:
                    matched[nearest] = True
                if thing["visible"] >= SEEN:
                    shape = hit and found[nearest].shape == thing["shape"]
                    color = hit and found[nearest].color == thing["color"]
                    counts += [1, hit, shape, color, shape and color]
            false += int((~matched).sum())
    net.train()
    parts, hits = counts[0], max(counts[1], 1)
    return DetectorScore(
        int(parts), counts[1] / parts, counts[2] / hits, counts[3] / hits, counts[4] / hits, false / len(images)
    )
