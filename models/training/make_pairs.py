"""Draws scenes with ground truth for `kontext bench quality`: make_pairs.py --output DIR [--count 600] [--chains 40] [--seed 20261124].

Pairs of scenes that training drew are drawn again, so that what is measured was never seen; a few kinds are so small that training
saw every pair, and those lines say "seen": true. DIR/metadata.jsonl has a line for each pair: file_name (source, absent for text to image), target_file_name, key, category, kind,
instruction; five-turn chains of edits also have chain and turn, and each turn starts from the target of the turn before.
"""
import argparse
import json
import os

import numpy as np
from PIL import Image

import config
import data
import scenes

TURNS = 5

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--output", required=True)
parser.add_argument("--count", type=int, default=600)
parser.add_argument("--chains", type=int, default=40)
parser.add_argument("--seed", type=int, default=20261124)
parser.add_argument("--training-seed", type=int, default=1)
args = parser.parse_args()
rng, rows = np.random.default_rng(args.seed), []
os.makedirs(os.path.join(args.output, "images"), exist_ok=True)


seen = {data.key_of(source, target) for _, _, _, source, target in data.draws(config.PAIRS, args.training_seed + config.PAIRS_SEED)}


def unseen(category, kind, tries=1000):
    """A pair that training did not draw, or after many tries one that it did: (instruction, source, target, seen)."""
    for _ in range(tries):
        example = scenes.pair(rng, category, kind)
        if data.key_of(*example[1:]) not in seen:
            return *example, False
    return *example, True


def draw(scene, name):
    path = f"images/{name}.png"
    Image.fromarray(scenes.render(scene)).save(os.path.join(args.output, path), optimize=True)
    return path


def row(key, category, kind, instruction, source, target, **more):
    known = {"file_name": source} if source else {}
    rows.append({**known, "target_file_name": target, "key": key, "category": category, "kind": kind, "instruction": instruction, **more})


for i in range(args.count):
    # Every category in turn and within it every kind, so that each is measured on enough scenes.
    category = list(scenes.KINDS)[i % len(scenes.KINDS)]
    kinds = list(scenes.KINDS[category])
    kind = kinds[i // len(scenes.KINDS) % len(kinds)]
    instruction, source, target, known = unseen(category, kind)
    key = f"{i:04d}"
    row(key, category, kind, instruction, draw(source, key + "-source") if source else None, draw(target, key + "-target"),
        **({"seen": True} if known else {}))

for chain in range(args.chains):
    scene = scenes.object_scene(rng, 2, 3)
    before = draw(scene, f"chain{chain:03d}-0")
    for turn in range(1, TURNS + 1):
        kind, instruction, scene = scenes.next_turn(rng, scene)
        after = draw(scene, f"chain{chain:03d}-{turn}")
        row(f"chain{chain:03d}-{turn}", "Instruction Editing - Local", kind, instruction, before, after, chain=chain, turn=turn)
        before = after

with open(os.path.join(args.output, "metadata.jsonl"), "w") as file:
    file.writelines(json.dumps(each) + "\n" for each in rows)
print(f"{sum('seen' in each for each in rows)} of {args.count} pairs were seen in training")
print(f"{args.count} pairs and {args.chains} chains in {args.output}")
