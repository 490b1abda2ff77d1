"""The transformer of deploy/gpu_check.py: shapes, random weights and torch's forward pass, block by block or whole."""
import json
import mmap
import os
import struct

import torch
import torch.nn.functional as F

import model

PARAMETERS = 11_901_408_320
HIDDEN, HEADS, AXES = 3072, 24, (16, 56, 56)
PARAMS = {"hidden_size": HIDDEN, "num_heads": HEADS, "mlp_ratio": 4, "in_channels": 64, "context_in_dim": 4096, "vec_in_dim": 768}


def shapes(depth):
    """The published names (Black Forest Labs') and shapes, in the order in which a forward pass reads them."""
    made = {}

    def linear(name, out, into):
        made[f"{name}.weight"], made[f"{name}.bias"] = (out, into), (out,)

    linear("img_in", HIDDEN, 64)
    linear("txt_in", HIDDEN, 4096)
    for name, into in (("time_in", 256), ("vector_in", 768), ("guidance_in", 256)):
        linear(f"{name}.in_layer", HIDDEN, into)
        linear(f"{name}.out_layer", HIDDEN, HIDDEN)
    for i in range(depth[0]):
        for stream in ("img", "txt"):
            block = f"double_blocks.{i}.{stream}"
            linear(f"{block}_mod.lin", 6 * HIDDEN, HIDDEN)
            linear(f"{block}_attn.qkv", 3 * HIDDEN, HIDDEN)
            for part in ("query", "key"):
                made[f"{block}_attn.norm.{part}_norm.scale"] = (HIDDEN // HEADS,)
            linear(f"{block}_attn.proj", HIDDEN, HIDDEN)
            linear(f"{block}_mlp.0", 4 * HIDDEN, HIDDEN)
            linear(f"{block}_mlp.2", HIDDEN, 4 * HIDDEN)
    for i in range(depth[1]):
        block = f"single_blocks.{i}"
        linear(f"{block}.modulation.lin", 3 * HIDDEN, HIDDEN)
        linear(f"{block}.linear1", 7 * HIDDEN, HIDDEN)
        for part in ("query", "key"):
            made[f"{block}.norm.{part}_norm.scale"] = (HIDDEN // HEADS,)
        linear(f"{block}.linear2", HIDDEN, 5 * HIDDEN)
    linear("final_layer.adaLN_modulation.1", 2 * HIDDEN, HIDDEN)
    linear("final_layer.linear", 64, HIDDEN)
    return made


def random_weights(path, depth, device, seed=0):
    """Writes one tensor at a time: the whole never stands in memory. Scales keep activations near 1 through all blocks."""
    every, header, offset = shapes(depth), {}, 0
    for name, shape in every.items():
        size = 2 * torch.Size(shape).numel()
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    draw = torch.Generator(device).manual_seed(seed)
    with open(path + ".part", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name, shape in every.items():
            values = torch.randn(shape, generator=draw, device=device)
            if name.endswith(".scale"):
                values = 1 + 0.1 * values
            elif name.endswith(".bias"):
                values = 0.02 * values
            else:
                # Modulation is small in trained weights too; at full scale every block would double its input.
                values = values * (0.3 if "mod" in name else 1.0) / shape[1] ** 0.5
            file.write(values.bfloat16().cpu().view(torch.int16).numpy().tobytes())
    os.replace(path + ".part", path)


class FlatFile:
    """The tensors of a safetensors file, read when they are asked for."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        length = struct.unpack("<Q", self.bytes[:8])[0]
        self.header, self.start = json.loads(self.bytes[8:8 + length]), 8 + length

    def __getitem__(self, name):
        entry = self.header[name]
        begin, end = entry["data_offsets"]
        flat = torch.frombuffer(self.bytes, dtype=torch.bfloat16, count=(end - begin) // 2, offset=self.start + begin)
        return flat.reshape(entry["shape"])


class Transformer(model.Flux):
    """In the type of its weights throughout, as the published code runs; rotation alone is in single precision."""

    def prepare(self, x, c, t, y, g):
        vec = self.time_in(model.sinusoids(t).to(x.dtype)) + self.vector_in(y) + self.guidance_in(model.sinusoids(g).to(x.dtype))
        return F.silu(vec), self.img_in(x), self.txt_in(c)


def rotate(x, cos, sin, single=model.rotate):
    return single(x.float(), cos, sin).to(x.dtype)


def attention(q, k, v):
    if hasattr(F, "scaled_dot_product_attention"):
        return F.scaled_dot_product_attention(q, k, v)
    return torch.softmax((q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2), -1) @ v


class SingleBlock(model.SingleBlock):
    def forward(self, x, silu, cos, sin):
        shift, scale, gate = self.modulation(silu)
        q, k, v, mlp = self.linear1(model.modulate(x, shift, scale)).split([self.hidden] * 3 + [self.wide], -1)
        q, k, v = (model.heads_of(part, self.heads) for part in (q, k, v))
        q, k = rotate(self.norm.query_norm(q), cos, sin), rotate(self.norm.key_norm(k), cos, sin)
        return x + gate * self.linear2(torch.cat([model.merge_heads(attention(q, k, v)), model.gelu_tanh(mlp)], -1))


# Training keeps residuals and activations in single precision under autocast; here nothing is cast.
model.rotate, model.attention, model.SingleBlock = rotate, attention, SingleBlock
model.gelu_tanh = lambda x: F.gelu(x, approximate="tanh")


def tensors_of(given, dtype):
    x, c, y = (given[name].to(dtype) for name in ("hidden_states", "encoder_hidden_states", "pooled_projections"))
    ids = torch.cat([given["txt_ids"], given["img_ids"]])
    cos, sin = model.rotary_table(ids.cpu(), AXES)
    return x, c, given["timestep"], y, given["guidance"], cos.to(x.device), sin.to(x.device)


@torch.no_grad()
def forward(weights, depth, given, dtype):
    """One forward pass that holds the weights of one block at a time: single precision would need 48 GB."""
    x, c, t, y, g, cos, sin = tensors_of(given, dtype)

    def filled(module, prefix=""):
        module.load_state_dict({name: weights[prefix + name].to(x.device, dtype) for name in module.state_dict()})
        return module

    ends = filled(Transformer({**PARAMS, "depth": 0, "depth_single_blocks": 0}).to(x.device, dtype))
    silu, x, c = ends.prepare(x, c, t, y, g)
    block = model.DoubleBlock(HIDDEN, HEADS, 4).to(x.device, dtype)
    for i in range(depth[0]):
        x, c = filled(block, f"double_blocks.{i}.")(x, c, silu, cos, sin)
    z = torch.cat([c, x], 1)
    block = SingleBlock(HIDDEN, HEADS, 4).to(x.device, dtype)
    for i in range(depth[1]):
        z = filled(block, f"single_blocks.{i}.")(z, silu, cos, sin)
    return ends.final_layer(z[:, c.shape[1]:], silu).float()


def timed_model(weights, depth, given):
    """A function of no arguments that runs the whole network in bf16, all of it in memory."""
    x, c, t, y, g, cos, sin = tensors_of(given, torch.bfloat16)
    torch.set_default_dtype(torch.bfloat16)
    with torch.device(x.device):
        network = Transformer({**PARAMS, "depth": depth[0], "depth_single_blocks": depth[1]})
    torch.set_default_dtype(torch.float32)
    for name, tensor in network.state_dict().items():
        tensor.copy_(weights[name])

    def step():
        silu, image, text = network.prepare(x, c, t, y, g)
        for block in network.double_blocks:
            image, text = block(image, text, silu, cos, sin)
        z = torch.cat([text, image], 1)
        for block in network.single_blocks:
            z = block(z, silu, cos, sin)
        return network.final_layer(z[:, text.shape[1]:], silu)

    return step
