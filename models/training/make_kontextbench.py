"""Draws scenes in KontextBench's layout for `kontext bench kontextbench`: make_kontextbench.py --output DIR [--count 60] [--seed 20261124].

DIR/test/metadata.jsonl has file_name, key, category and instruction for each pair, the pictures lie in DIR/test/images. As in the published
set there are no true results; the five categories take turns.
"""
import argparse
import json
import os

import numpy as np
from PIL import Image

import scenes

CATEGORIES = [category for category in scenes.KINDS if category != "Text to Image"]  # all but that are KontextBench's

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--output", required=True)
parser.add_argument("--count", type=int, default=60)
parser.add_argument("--seed", type=int, default=20261124)
args = parser.parse_args()
rng, rows = np.random.default_rng(args.seed), []
test = os.path.join(args.output, "test")
os.makedirs(os.path.join(test, "images"), exist_ok=True)

for i in range(args.count):
    category = CATEGORIES[i % len(CATEGORIES)]
    kinds = list(scenes.KINDS[category])
    instruction, source, _ = scenes.pair(rng, category, kinds[i // len(CATEGORIES) % len(kinds)])
    key, path = f"{i:04d}", f"images/{i:04d}.png"
    Image.fromarray(scenes.render(source)).save(os.path.join(test, path), optimize=True)
    rows.append({"file_name": path, "key": key, "category": category, "instruction": instruction})

with open(os.path.join(test, "metadata.jsonl"), "w") as file:
    file.writelines(json.dumps(each) + "\n" for each in rows)
print(f"{args.count} pairs in {args.output}")
