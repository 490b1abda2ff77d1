"""Compares these modules with reference numbers: check_reference.py --fixtures DIR (files *_tiny and *_io, see docs/model.md)."""
import argparse
import json
import os

import torch

import model
import safetensors_io

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--fixtures", required=True)
folder = parser.parse_args().fixtures


def read(name):
    return safetensors_io.load(os.path.join(folder, name))[0]


def config(name):
    with open(os.path.join(folder, name)) as file:
        return json.load(file)


def built(module, weights):
    module.load_state_dict({key: value.float() for key, value in read(weights).items()})
    return module.eval()


manifest = config("manifest.json")
with torch.no_grad():
    flux, io = built(model.Flux(manifest["transformer_params"]), "transformer_tiny.safetensors"), read("transformer_forward.safetensors")
    cos, sin = model.rotary_table(torch.cat([io["in.txt_ids"][0], io["in.img_ids"][0]]), [8, 12, 12])
    out = flux(torch.cat([io["in.img"], io["in.ctx"]], 1), cos, sin, io["in.txt"], io["in.timesteps"], io["in.y"], io["in.guidance"])
    print("transformer", (out - io["out"]).abs().max().item())

    auto, io = built(model.Autoencoder(dict(manifest["ae_params"], norm_groups=32)), "ae_tiny.safetensors"), read("ae_io.safetensors")
    print("encode", (auto.encode(io["enc.x"]) - io["enc.latent"]).abs().max().item())
    print("decode", (auto.decode(io["dec.latent"]) - io["dec.image"]).abs().max().item())

    t5, io = built(model.T5Encoder(config("t5_config.json")), "t5_tiny.safetensors"), read("t5_io.safetensors")
    print("t5", (t5(io["input_ids"]) - io["text_embeddings"]).abs().max().item())
    clip, io = built(model.ClipText(config("clip_config.json")), "clip_tiny.safetensors"), read("clip_io.safetensors")
    print("clip", (clip(io["input_ids"]) - io["pooled_embeddings"]).abs().max().item())
