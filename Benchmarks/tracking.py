#!/usr/bin/env python3
"""Pedestrians whose boxes are known, found as badly as a detector finds them, and what SORT makes of that.

Writes what Tests/VisionKitTests/Tracking/PedestrianTests.swift compares our trackers with, which is skipped without it. The boxes of TUD-Campus
and TUD-Stadtmitte are read from motmetrics 1.4.0, which also says how good SORT is: `pip install motmetrics scipy`. They come from MOTChallenge,
whose licence (CC BY-NC-SA) is not this project's: what is written here stays on this machine.
"""

import argparse
import json
import random
from importlib import util
from pathlib import Path

import motmetrics
import numpy as np
from scipy.optimize import linear_sum_assignment

FIXTURES = Path(__file__).parents[1] / "Tests" / "VisionKitTests" / "Fixtures" / "tracking"
WIDTH, HEIGHT, RATE = 640, 480, 25
SEED = 1
# Pictures for which a thing may be missed: our trackers wait 4 seconds in the test.
PATIENCE = 4 * RATE
# A person is missed in so many pictures, and often in some that follow; boxes are off by so much of their size.
MISSED, THEN_MISSED, JITTER, PHANTOMS = 0.15, [0, 0, 1, 2, 4, 8], 0.04, 0.1


def true_boxes(name: str) -> list[tuple[int, int, float, float, float, float]]:
    """Picture, person, left, top, width and height."""
    file = Path(util.find_spec("motmetrics").origin).parent / "data" / name / "gt.txt"
    rows = [[float(number) for number in line.split(",")] for line in file.read_text().splitlines()]
    return [(int(row[0]), int(row[1]), *rounded(row[2:6])) for row in sorted(rows) if row[6] != 0]


def rounded(numbers) -> list[float]:
    return [round(float(number), 1) for number in numbers]


def found(truth, seed: int) -> list[tuple[int, int, float, float, float, float]]:
    """Picture, percents of the score, left, top, width and height."""
    dice = random.Random(seed)
    missed: dict[int, int] = {}
    detections = []
    for picture in range(1, max(row[0] for row in truth) + 1):
        for _, person, left, top, width, height in (row for row in truth if row[0] == picture):
            if missed.get(person, 0) > 0:
                missed[person] -= 1
            elif dice.random() < MISSED:
                missed[person] = dice.choice(THEN_MISSED)
            else:
                offsets = [dice.gauss(0, JITTER) for _ in range(4)]
                box = (left + offsets[0] * width, top + offsets[1] * height,
                       width * (1 + offsets[2]), height * (1 + offsets[3]))  # fmt: skip
                detections.append((picture, dice.randint(30, 95), *rounded(box)))
        if dice.random() < PHANTOMS:
            box = (dice.uniform(0, WIDTH - 60), dice.uniform(0, HEIGHT - 150), 60, 150)
            detections.append((picture, dice.randint(30, 60), *rounded(box)))
    return detections


def overlaps(some, others) -> np.ndarray:
    """What the boxes of one list (left, top, width, height) have in common with those of another, 0 to 1."""
    a, b = (np.asarray(boxes, dtype=float).reshape(-1, 4) for boxes in (some, others))
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum((a[:, :2] + a[:, 2:])[:, None], (b[:, :2] + b[:, 2:])[None])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    return shared / (np.prod(a[:, 2:], axis=1)[:, None] + np.prod(b[:, 2:], axis=1)[None] - shared)


class Sorted:
    """One thing that SORT follows: a Kalman filter of centre, area, ratio of the sides, and how the first three change."""

    step = np.eye(7) + np.eye(7, k=4) * np.array([1, 1, 1, 0, 0, 0, 0])[:, None]
    seen = np.eye(4, 7)
    noise = np.diag([1, 1, 10, 10])
    drift = np.diag([1, 1, 1, 1, 0.01, 0.01, 0.0001])

    def __init__(self, number: int, box):
        self.number, self.streak, self.unseen = number, 0, 0
        self.state = np.concatenate([self.measured(box), np.zeros(3)])
        self.covariance = np.diag([10.0, 10, 10, 10, 10_000, 10_000, 10_000])

    @staticmethod
    def measured(box) -> np.ndarray:
        left, top, width, height = box
        return np.array([left + width / 2, top + height / 2, width * height, width / height])

    @property
    def box(self) -> list[float]:
        width = float(np.sqrt(max(self.state[2] * self.state[3], 1e-6)))
        height = float(max(self.state[2], 1e-6)) / width
        return [self.state[0] - width / 2, self.state[1] - height / 2, width, height]

    def predict(self) -> None:
        if self.state[2] + self.state[6] <= 0:
            self.state[6] = 0
        self.state = self.step @ self.state
        self.covariance = self.step @ self.covariance @ self.step.T + self.drift
        if self.unseen:
            self.streak = 0
        self.unseen += 1

    def correct(self, box) -> None:
        self.unseen, self.streak = 0, self.streak + 1
        gain = self.covariance @ self.seen.T @ np.linalg.inv(self.seen @ self.covariance @ self.seen.T + self.noise)
        self.state = self.state + gain @ (self.measured(box) - self.seen @ self.state)
        self.covariance = (np.eye(7) - gain @ self.seen) @ self.covariance


def sort(detections, pictures: int, longest: int) -> list[tuple[int, int, float, float, float, float]]:
    """SORT (Bewley et al., 2016) with its authors' settings: overlap 0.3, known from the third picture on, and `longest` of 1."""
    known: list[Sorted] = []
    results, count = [], 0
    for picture in range(1, pictures + 1):
        boxes = [row[2:] for row in detections if row[0] == picture]
        for thing in known:
            thing.predict()
        common = overlaps(boxes, [thing.box for thing in known])
        matched = set()
        for row, column in zip(*linear_sum_assignment(-common), strict=True):
            if common[row, column] >= 0.3:
                known[column].correct(boxes[row])
                matched.add(row)
        for row, box in enumerate(boxes):
            if row not in matched:
                count += 1
                known.append(Sorted(count, box))
        results += [
            (picture, thing.number, *rounded(thing.box))
            for thing in known
            if thing.unseen == 0 and (thing.streak >= 3 or picture <= 3)
        ]
        known = [thing for thing in known if thing.unseen <= longest]
    return results


def score(truth, results) -> dict[str, float]:
    accumulator = motmetrics.MOTAccumulator(auto_id=True)
    for picture in range(1, max(row[0] for row in truth) + 1):
        right, claimed = ([row[1:] for row in rows if row[0] == picture] for rows in (truth, results))
        common = overlaps([row[1:] for row in right], [row[1:] for row in claimed])
        distances = np.where(common >= 0.5, 1 - common, np.nan)
        accumulator.update([row[0] for row in right], [row[0] for row in claimed], distances)
    summary = motmetrics.metrics.create().compute(accumulator, metrics=["idf1", "mota"])
    return {name: round(float(summary[name].iloc[0]), 4) for name in ("idf1", "mota")}


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    FIXTURES.mkdir(exist_ok=True)
    for name in ("TUD-Campus", "TUD-Stadtmitte"):
        truth = true_boxes(name)
        pictures = max(row[0] for row in truth)
        detections = found(truth, SEED)
        results = sort(detections, pictures, 1)
        print(name, "SORT", score(truth, results), "as patient as ours", score(truth, sort(detections, pictures, PATIENCE)))
        sequence = {
            "width": WIDTH, "height": HEIGHT, "rate": RATE, "score": score(truth, results), "truth": truth,
            "detections": detections, "sort": results,
        }  # fmt: skip
        text = json.dumps(sequence, separators=(",", ":")).replace("]],", "]],\n").replace(",[", ",\n[")
        (FIXTURES / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
