"""Exports a bundle's networks to ONNX with torch, as others do FLUX.1's: export_onnx.py BUNDLE OUT --layout bfl|optimum.

Needs torch and onnx. `kontext model import OUT` must then make the pictures that BUNDLE makes; that is what it is for.
"""
import argparse
import json
import os
import shutil

import onnx
import torch
from torch import nn

import model
import safetensors_io

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("bundle")
parser.add_argument("out")
parser.add_argument("--layout", choices=["bfl", "optimum"], required=True)
given = parser.parse_args()
with open(os.path.join(given.bundle, "model.json")) as file:
    manifest = json.load(file)
bfl = given.layout == "bfl"

# The exporter of old versions of torch has no unflatten, and wants to know the widths of norms and reshapes.
HIDDEN = manifest["transformer"]["hidden_size"]
model.modulate = lambda x, shift, scale: (1 + scale) * torch.nn.functional.layer_norm(x, (HIDDEN,), eps=1e-6) + shift
model.heads_of = lambda x, heads: x.reshape(x.shape[0], x.shape[1], heads, x.shape[2] // heads).transpose(1, 2)


def weights(part):
    return {name: value.float() for name, value in safetensors_io.load(os.path.join(given.bundle, f"{part}.safetensors"))[0].items()}


def filled(module, tensors):
    module.load_state_dict(tensors)
    return module.eval()


def count(tensors, prefix):
    return len({name[len(prefix):].split(".")[0] for name in tensors if name.startswith(prefix)})


class Transformer(nn.Module):
    """The interface of both exporters: positions are inputs, the velocity is that of all tokens."""

    def __init__(self):
        super().__init__()
        sizes, tensors = manifest["transformer"], weights("transformer")
        self.axes, self.theta = sizes["rope_axes"], sizes["rope_theta"]
        self.flux = filled(model.Flux({
            "in_channels": sizes["in_channels"], "vec_in_dim": sizes["vector_width"], "context_in_dim": sizes["text_width"],
            "hidden_size": sizes["hidden_size"], "num_heads": sizes["heads"], "depth": sizes["double_blocks"],
            "depth_single_blocks": sizes["single_blocks"],
            "mlp_ratio": tensors["double_blocks.0.img_mlp.0.weight"].shape[0] / sizes["hidden_size"]}), tensors)

    def forward(self, hidden_states, encoder_hidden_states, pooled_projections, timestep, img_ids, txt_ids, guidance):
        cos, sin = model.rotary_table(torch.cat([txt_ids, img_ids]), self.axes, self.theta)
        return self.flux(hidden_states, cos, sin, encoder_hidden_states, timestep, pooled_projections, guidance)


class Half(nn.Module):
    """A half of the autoencoder as it is; of the encoder's moments, the mean or both."""

    def __init__(self, half, channels=None):
        super().__init__()
        self.part, self.channels = half, channels

    def forward(self, x):
        x = self.part(x)
        return x if self.channels is None else x[:, :self.channels]


def t5():
    sizes, tensors = manifest["t5"], weights("t5")
    inner = tensors["encoder.block.0.layer.0.SelfAttention.q.weight"].shape[0]
    return filled(model.T5Encoder({
        "vocab_size": sizes["vocabulary_size"], "d_model": sizes["hidden_size"], "num_layers": sizes["layers"],
        "num_heads": sizes["heads"], "d_kv": inner // sizes["heads"],
        "d_ff": tensors["encoder.block.0.layer.1.DenseReluDense.wi_0.weight"].shape[0],
        "relative_attention_num_buckets": sizes["buckets"], "relative_attention_max_distance": sizes["max_distance"]}), tensors)


def clip():
    sizes, tensors = manifest["clip"], weights("clip")
    return filled(model.ClipText({
        "vocab_size": sizes["vocabulary_size"], "hidden_size": sizes["hidden_size"], "num_attention_heads": sizes["heads"],
        "num_hidden_layers": sizes["layers"], "max_position_embeddings": sizes["max_tokens"], "layer_norm_eps": sizes["epsilon"],
        "intermediate_size": tensors["text_model.encoder.layers.0.mlp.fc1.weight"].shape[0],
        "eos_token_id": sizes["end_token"]}), tensors)


def autoencoder():
    sizes, tensors = manifest["autoencoder"], weights("autoencoder")
    widths = [tensors[f"encoder.down.{i}.block.0.conv1.weight"].shape[0] for i in range(sizes["levels"])]
    base = tensors["encoder.conv_in.weight"].shape[0]
    return filled(model.Autoencoder({
        "ch": base, "ch_mult": [width // base for width in widths], "num_res_blocks": sizes["residual_blocks"],
        "norm_groups": sizes["norm_groups"], "z_channels": sizes["latent_channels"]}), tensors)


def export(module, inputs, output, axes, folder, data):
    """Writes folder/model.onnx, and its weights beside it if `data` names a file."""
    os.makedirs(os.path.join(given.out, folder), exist_ok=True)
    path = os.path.join(given.out, folder, "model.onnx")
    with torch.no_grad():
        torch.onnx.export(module, tuple(inputs.values()), path, input_names=list(inputs), output_names=[output],
                          dynamic_axes=axes, opset_version=16)
    if data:
        graph = onnx.load(path)
        os.remove(path)
        onnx.save_model(graph, path, save_as_external_data=True, location=data, size_threshold=1024)
    print(folder, [value.name for value in onnx.load(path, load_external_data=False).graph.output])


def rows(*names):
    return {name: {0: "batch"} for name in names}


ids = torch.int32 if bfl else torch.int64
tokens, channels = manifest["t5"]["max_tokens"], manifest["autoencoder"]["latent_channels"]
text = {"input_ids": {0: "batch"}} if bfl else {"input_ids": {0: "batch", 1: "sequence_length"}}
export(t5(), {"input_ids": torch.ones(1, tokens, dtype=ids)}, "text_embeddings" if bfl else "last_hidden_state", text,
       "t5.opt" if bfl else "text_encoder_2", "backbone.onnx_data" if bfl else "model.onnx_data")
export(clip(), {"input_ids": torch.full((1, manifest["clip"]["max_tokens"]), manifest["clip"]["end_token"], dtype=ids)},
       "pooled_embeddings" if bfl else "pooler_output", {"input_ids": {0: "batch"}}, "clip.opt" if bfl else "text_encoder", None)

sizes, image = manifest["transformer"], 32
sequence = {"hidden_states": {0: "batch", 1: "latent_dim"}, "img_ids": {0: "latent_dim"}}
if not bfl:
    sequence |= {"encoder_hidden_states": {0: "batch", 1: "sequence_length"}, "txt_ids": {0: "sequence_length"}}
export(Transformer(), {
    "hidden_states": torch.randn(2, image, sizes["in_channels"]),
    "encoder_hidden_states": torch.randn(2, tokens, sizes["text_width"]),
    "pooled_projections": torch.randn(2, sizes["vector_width"]), "timestep": torch.rand(2),
    "img_ids": torch.cat([model.image_ids(i, 4, 4) for i in range(2)]), "txt_ids": torch.zeros(tokens, 3),
    "guidance": torch.full((2,), 2.5)}, "latent" if bfl else "out_hidden_states",
    rows("encoder_hidden_states", "pooled_projections", "timestep", "guidance") | sequence,
    os.path.join("transformer.opt", "bf16") if bfl else "transformer", "backbone.onnx_data" if bfl else "model.onnx_data")

both, names = autoencoder(), ("images", "latent", "latent", "images") if bfl else ("sample", "latent_parameters", "latent_sample", "sample")
plane = {0: "batch", 2: "height", 3: "width"}
export(Half(both.encoder, channels if bfl else None), {names[0]: torch.randn(1, 3, 64, 64)}, names[1], {names[0]: plane},
       "vae_encoder.opt" if bfl else "vae_encoder", None if bfl else "model.onnx_data")
export(Half(both.decoder), {names[2]: torch.randn(1, channels, 8, 8)}, names[3], {names[2]: plane},
       "vae.opt" if bfl else "vae_decoder", None if bfl else "model.onnx_data")

if not bfl:
    for folder, content in {
        "transformer": {"num_attention_heads": sizes["heads"], "attention_head_dim": sizes["hidden_size"] // sizes["heads"],
                        "axes_dims_rope": sizes["rope_axes"], "num_layers": sizes["double_blocks"], "num_single_layers": sizes["single_blocks"]},
        "vae_decoder": {"scaling_factor": manifest["autoencoder"]["scale"], "shift_factor": manifest["autoencoder"]["shift"]},
        "tokenizer_2": {"model_max_length": tokens}}.items():
        os.makedirs(os.path.join(given.out, folder), exist_ok=True)
        with open(os.path.join(given.out, folder, "tokenizer_config.json" if folder == "tokenizer_2" else "config.json"), "w") as file:
            json.dump(content, file)
    os.makedirs(os.path.join(given.out, "tokenizer"), exist_ok=True)
    for source, target in (("t5.spiece.model", "tokenizer_2/spiece.model"), ("clip.vocab.json", "tokenizer/vocab.json"), ("clip.merges.txt", "tokenizer/merges.txt")):
        shutil.copy(os.path.join(given.bundle, source), os.path.join(given.out, target))
