"""Latents and tokens of many examples: each distinct picture is drawn and encoded once."""
import json
import time

import numpy as np
import torch

import model
import scenes


def draws(count, seed):
    """The examples of a training set, in order: (category, kind, instruction, source, target)."""
    rng = np.random.default_rng(seed)
    return (scenes.sample(rng) for _ in range(count))


def key_of(*parts):
    """What tells scenes apart."""
    return json.dumps(parts, sort_keys=True)


class Pairs:
    """latents [pictures, 16, 64] half precision; per pair: source (-1 if none), target, kind; t5 and clip token ids."""

    def __init__(self, count, seed, autoencoder, t5, clip, device):
        begin = time.time()
        self.names = [(category, kind) for category, kind, _ in scenes.kinds()]
        index, drawn, rows = {}, [], []
        self.latents = torch.zeros(0, 16, 64, dtype=torch.float16)

        def picture(scene):
            if scene is None:
                return -1
            key = key_of(scene)
            if key not in index:
                index[key] = len(index)
                drawn.append(scenes.render(scene))
            return index[key]

        t5_ids, clip_ids = [], []
        for category, kind, instruction, source, target in draws(count, seed):
            rows.append((picture(source), picture(target), self.names.index((category, kind))))
            t5_ids.append(t5(instruction))
            clip_ids.append(clip(instruction))
            if len(drawn) >= 2000:
                self._encode(drawn, autoencoder, device)
        self._encode(drawn, autoencoder, device)
        self.source, self.target, self.kind = (torch.tensor(column) for column in zip(*rows))
        self.t5, self.clip = torch.tensor(t5_ids, dtype=torch.int16), torch.tensor(clip_ids, dtype=torch.int16)
        print(f"{count} pairs, {len(self.latents)} pictures, {time.time() - begin:.0f} s", flush=True)

    @torch.no_grad()
    def _encode(self, drawn, autoencoder, device):
        if drawn:
            images = torch.from_numpy(np.stack(drawn)).permute(0, 3, 1, 2)
            with torch.autocast(device, torch.bfloat16):
                parts = [model.pack(autoencoder.encode(images[i:i + 100].to(device).float() / 127.5 - 1)).half().cpu() for i in range(0, len(images), 100)]
            self.latents = torch.cat([self.latents, *parts])
            drawn.clear()
