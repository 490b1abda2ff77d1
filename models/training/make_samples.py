"""Draws the pictures to try edits on: make_samples.py --output DIR."""
import argparse
import os

from PIL import Image

import scenes

SAMPLES = {
    "shapes": {"ground": "cyan", "objects": [{"shape": "circle", "color": "red", "slot": "top left"}, {"shape": "star", "color": "yellow", "slot": "top right"},
                                             {"shape": "square", "color": "blue", "slot": "bottom right"}]},
    "character": {"ground": "white", "slot": "bottom left", "arms": "down", "body": "green", "hat": "purple"},
    "style": {"ground": "pink", "shape": "circle", "color": "blue", "style": "striped"},
    "word": {"ground": "black", "word": "CAT", "color": "yellow"},
}

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--output", required=True)
folder = parser.parse_args().output
os.makedirs(folder, exist_ok=True)
for name, scene in SAMPLES.items():
    Image.fromarray(scenes.render(scene)).save(os.path.join(folder, f"{name}.png"), optimize=True)
