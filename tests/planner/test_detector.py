"""The detector's maps, targets and labelled pictures agree with each other and with the cell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from luban.profile import Profile
from policies.control.checkpoint import read_checkpoint
from policies.planner.detector import detections
from policies.planner.detector_net import STRIDE, DetectorNet
from policies.planner.region import Region
from policies.planner.training import detector_training, shards
from policies.planner.training.detector_targets import SEEN, Targets, loss
from policies.planner.training.detector_training import DetectorRecipe
from policies.planner.training.pictures import COPIES, Picture, PictureCell
from sim.parts import COLORS


@pytest.fixture(scope="module")
def drawn(profile: Profile) -> list[Picture]:
    cell = PictureCell(profile)
    random = np.random.default_rng(3)
    pictures = [cell.draw(random) for _ in range(12)]
    cell.close()
    return pictures


def test_labels_lie_on_the_parts(drawn: list[Picture]) -> None:
    """Bolt and shaft show their colour at their middle, where others have a hole; in any light it keeps its hue."""
    hues = {name: np.array(value) / sum(value) for name, value in COLORS.items() if max(value) > 2 * min(value)}
    solid = [
        (picture, thing)
        for picture in drawn
        for thing in picture.things
        if thing.shape in ("bolt", "shaft") and thing.color in hues and thing.visible > 0.9 and thing.place != "gripper"
    ]
    assert len(solid) >= 6
    for picture, thing in solid:
        point = picture.view.project(np.array(thing.position_m))
        rgb = picture.view.color[round(point.v), round(point.u)].astype(float)
        away = {name: float(np.linalg.norm(rgb / rgb.sum() - hue)) for name, hue in hues.items()}
        assert min(away, key=lambda name: away[name]) == thing.color, (thing, rgb)


def test_a_picture_shows_every_place(drawn: list[Picture], profile: Profile) -> None:
    places = {thing.place for picture in drawn for thing in picture.things}
    assert {"bench", "gripper"} <= places <= {"bench", "gripper", *profile.catalogue.containers, "housing"}
    for picture in drawn:
        shapes = [thing.shape for thing in picture.things]
        assert all(shapes.count(shape) <= COPIES for shape in shapes)


def test_what_the_arm_hides_is_not_called_visible(drawn: list[Picture]) -> None:
    seen = [thing.visible for picture in drawn for thing in picture.things]
    assert min(seen) < SEEN < max(seen)


def test_a_region_maps_there_and_back(profile: Profile) -> None:
    region, pixels = Region.of(profile), np.random.default_rng(0).uniform(0, 400, (50, 2))
    np.testing.assert_allclose(region.to_image(region.to_input(pixels)), pixels, atol=1e-9)


def test_all_things_on_the_bench_are_in_the_region(drawn: list[Picture], profile: Profile) -> None:
    region = Region.of(profile)
    for picture in drawn:
        for thing in picture.things:
            if thing.place != "gripper":
                point = picture.view.project(np.array(thing.position_m))
                u, v = region.to_input(np.array([point.u, point.v]))
                assert -0.5 <= u < region.size[1] - 0.5
                assert -0.5 <= v < region.size[0] - 0.5


def test_perfect_maps_give_the_labels_back(profile: Profile) -> None:
    """Maps made from the targets of labels are read as these labels."""
    region, shapes, colors = Region.of(profile), list(profile.catalogue.shapes), list(profile.catalogue.colors)
    things = [
        {"u": 200.3, "v": 250.7, "shape": "gear", "color": "red", "visible": 1.0},
        {"u": 260.9, "v": 301.2, "shape": "nut", "color": "black", "visible": 0.8},
        {"u": 320.0, "v": 200.0, "shape": "shaft", "color": "white", "visible": 0.01},
    ]
    targets = Targets([{"things": things}], region, shapes, colors)
    maps = np.zeros((1 + len(shapes) + len(colors) + 2, *targets.heat.shape[1:]))
    heat = targets.heat[0].numpy().clip(1e-6, 1 - 1e-6)
    maps[0] = np.log(heat / (1 - heat))
    for (_, row, column), (shape, color), offset in zip(
        targets.cells.tolist(), targets.classes.tolist(), targets.offsets.tolist(), strict=True
    ):
        maps[1 + shape, row, column] = maps[1 + len(shapes) + color, row, column] = 9.0
        maps[-2:, row, column] = offset
    found = sorted(detections(maps, region, shapes, colors), key=lambda one: one.u)
    assert [(one.shape, one.color) for one in found] == [("gear", "red"), ("nut", "black")]
    for one, thing in zip(found, things[:2], strict=True):
        assert (one.u, one.v) == pytest.approx((thing["u"], thing["v"]), abs=1e-3)


def test_a_network_learns_one_picture(drawn: list[Picture], profile: Profile) -> None:
    region, shapes, colors = Region.of(profile), list(profile.catalogue.shapes), list(profile.catalogue.colors)
    label = {"things": [
        {"u": 200.0, "v": 250.0, "shape": "gear", "color": "red", "visible": 1.0},
        {"u": 420.0, "v": 230.0, "shape": "bolt", "color": "blue", "visible": 1.0},
    ]}  # fmt: skip
    torch.manual_seed(0)
    net, targets = DetectorNet(len(shapes), len(colors), width=8), Targets([label], region, shapes, colors)
    image = torch.rand(1, 3, *region.size)
    assert net(image).shape[2:] == (region.size[0] // STRIDE, region.size[1] // STRIDE)
    optimizer = torch.optim.Adam(net.parameters(), 1e-2)
    first = last = 0.0
    for _ in range(40):
        total = torch.stack(list(loss(net(image), targets, len(shapes)).values())).sum()
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        last = float(total.detach())
        first = first or last
    assert last < 0.5 * first


def test_shards_resume_and_are_the_same_again(
    profile: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "SHARD", 3)
    shards.render(profile, tmp_path, 2, seed=5)
    files = sorted(tmp_path.iterdir())
    kept = files[1].read_bytes()
    files[1].unlink()
    shards.render(profile, tmp_path, 2, seed=5)
    assert files[1].read_bytes() == kept
    found = list(shards.pictures(tmp_path, 5, 2))
    assert len(found) == 6
    assert found[0][0].shape == (480, 640, 3)
    assert {"u", "v", "shape", "color", "visible"} <= set(found[0][1]["things"][0])


def test_a_killed_training_goes_on_as_if_it_had_not_been(
    profile: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "SHARD", 2)
    monkeypatch.setattr(detector_training, "SCORE_EVERY", 2)
    for seed, count in ((1, 1), (2, 2)):
        shards.render(profile, tmp_path, count, seed)
    detector_training.train(profile, tmp_path, 1, tmp_path / "whole", DetectorRecipe(steps=4, batch=2))

    class Killed(Exception):
        pass

    def kill(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(detector_training, "score", kill)
        with pytest.raises(Killed):
            detector_training.train(profile, tmp_path, 1, tmp_path / "killed", DetectorRecipe(steps=4, batch=2))
    detector_training.train(profile, tmp_path, 1, tmp_path / "killed", DetectorRecipe(steps=4, batch=2))
    whole, again = (read_checkpoint(tmp_path / name / "detector.json") for name in ("whole", "killed"))
    assert whole[0]["step"] == again[0]["step"] == 4
    for name, tensor in whole[1].items():
        np.testing.assert_array_equal(tensor, again[1][name], err_msg=name)
