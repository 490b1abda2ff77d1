"""Scores a bundle on drawn pairs with the torch sampler: score_pairs.py --bundle DIR --pairs DIR [--json FILE].

The counterpart of `kontext bench quality` and its check: same pairs, same seeds (a pair's place in metadata.jsonl), same scores.
"""
import argparse
import json
import os

import numpy as np
import torch
from PIL import Image

import checkpoint
import config
import model
import safetensors_io
import sampler
import score
from tokenizers import ClipTokens, T5Tokens

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--bundle", required=True)
parser.add_argument("--pairs", required=True)
parser.add_argument("--batch", type=int, default=100)
parser.add_argument("--json")
args = parser.parse_args()
checkpoint.prepare("cpu", 0)


def of_bundle(name):
    return os.path.join(args.bundle, name)


def load(module, name):
    tensors, _ = safetensors_io.load(of_bundle(name))
    module.load_state_dict({key: value.float() for key, value in tensors.items()})
    return module.eval()


def picture(name):
    return np.asarray(Image.open(os.path.join(args.pairs, name)).convert("RGB"))


t5_tokens = T5Tokens(of_bundle("t5.spiece.model"))
clip_tokens = ClipTokens(of_bundle("clip.vocab.json"), of_bundle("clip.merges.txt"))
params = json.loads(safetensors_io.load(of_bundle("autoencoder.safetensors"))[1]["params"])
networks = sampler.Networks(
    load(model.Flux(dict(config.TRANSFORMER)), "transformer.safetensors"),
    load(model.T5Encoder(dict(config.T5, vocab_size=t5_tokens.size)), "t5.safetensors"),
    load(model.ClipText(dict(config.CLIP, vocab_size=clip_tokens.size, eos_token_id=clip_tokens.size - 1)), "clip.safetensors"),
    load(model.Autoencoder(params), "autoencoder.safetensors"))

with open(os.path.join(args.pairs, "metadata.jsonl")) as file:
    pairs = [(seed, pair) for seed, pair in enumerate(map(json.loads, file)) if "chain" not in pair]
rows = []
for with_source in (True, False):
    alike = [(seed, pair) for seed, pair in pairs if ("file_name" in pair) == with_source]
    for start in range(0, len(alike), args.batch):
        batch = alike[start:start + args.batch]
        ids = [torch.tensor([tokens(pair["instruction"]) for _, pair in batch]) for tokens in (t5_tokens, clip_tokens)]
        sources = np.stack([picture(pair["file_name"]) for _, pair in batch]) if with_source else None
        context = None if sources is None else sampler.context_of(networks, sources)
        out = sampler.pixels(networks, sampler.sample(networks, *ids, context, [seed for seed, _ in batch]))
        rows += [(pair["category"], pair["kind"], score.score(None if sources is None else sources[i], picture(pair["target_file_name"]), out[i]))
                 for i, (_, pair) in enumerate(batch)]
table = score.table(rows)
for name, each in table.items():
    print(f"{name:44} {each['count']:4}  ok {each['ok']:.3f}  psnr {each['psnr']:.2f}  untouched {each['psnr_untouched']:.2f}")
if args.json:
    with open(args.json, "w") as file:
        json.dump(table, file, indent=2)
