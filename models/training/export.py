"""Writes what training made as published files: export.py --work DIR --output DIR.

transformer.safetensors and autoencoder.safetensors with BFL's names, t5/ and clip/ as published encoders lie in a snapshot, and
config.json with the settings of sampling: the sources of `kontext model import`. All weights are the averaged ones.
"""
import argparse
import json
import os
import shutil

import torch

import config
import safetensors_io

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--work", required=True)
parser.add_argument("--output", required=True)
args = parser.parse_args()

SAMPLING = {"steps": config.STEPS, "guidance": config.GUIDANCE, "noise": "float32", "default_size": "64x64", "preferred_sizes": ["64x64"],
            "limits": {"min_pixels": 32 * 32, "max_pixels": 256 * 256}, "max_contexts": 4}


def write_json(content, *path):
    with open(os.path.join(args.output, *path), "w") as file:
        json.dump(content, file, indent=2)
        file.write("\n")


def part(prefix, dtype):
    return {name[len(prefix):]: value.to(dtype) for name, value in weights.items() if name.startswith(prefix)}


saved = torch.load(os.path.join(args.work, "transformer.pt"), map_location="cpu")
weights, autoencoder = saved["average"]["shadow"], {name: value.half() for name, value in saved["autoencoder"].items()}
for folder in ("t5", "clip"):
    os.makedirs(os.path.join(args.output, folder), exist_ok=True)

safetensors_io.save(os.path.join(args.output, "transformer.safetensors"), part("flux.", torch.bfloat16), {"params": json.dumps(config.TRANSFORMER)})
# Half precision has three more bits of mantissa than bfloat16, and the autoencoder's weights are all small.
safetensors_io.save(os.path.join(args.output, "autoencoder.safetensors"), autoencoder, {"params": json.dumps(saved["autoencoder_params"])})
for name, sizes in (("t5", config.T5), ("clip", config.CLIP)):
    tensors = part(name + ".", torch.bfloat16)
    safetensors_io.save(os.path.join(args.output, name, "model.safetensors"), tensors)
    embedding = tensors["shared.weight" if name == "t5" else "text_model.embeddings.token_embedding.weight"]
    ends = {"pad_token_id": 0, "eos_token_id": 1} if name == "t5" else {"bos_token_id": len(embedding) - 2, "eos_token_id": len(embedding) - 1}
    write_json(dict(sizes, vocab_size=len(embedding), **ends), name, "config.json")
for file in ("t5/spiece.model", "t5/tokenizer_config.json", "clip/vocab.json", "clip/merges.txt"):
    shutil.copy(os.path.join(args.work, file), os.path.join(args.output, file))
write_json({"licence": "Apache-2.0", "sampling": SAMPLING}, "config.json")
print(f"step {saved['step']}: {sum(value.numel() for value in weights.values()) + sum(value.numel() for value in autoencoder.values()):,} parameters")
