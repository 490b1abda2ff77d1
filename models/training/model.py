"""The four networks of FLUX.1 Kontext as torch modules whose state_dict keys are the published ones.

Transformer and autoencoder carry Black Forest Labs' names, T5 and CLIP those of the published encoders.
"""
import math

import torch
import torch.nn.functional as F
from torch import nn


# ---------------------------------------------------------------- transformer

def sinusoids(values, size=256):
    """[batch] in 0..1 (or a guidance) -> [batch, size]: cos then sin of 1000 * value * 10000^(-k / half)."""
    half = size // 2
    frequencies = torch.exp(-math.log(10000.0) * torch.arange(half, dtype=torch.float32, device=values.device) / half)
    angles = 1000.0 * values.float()[:, None] * frequencies
    return torch.cat([torch.cos(angles), torch.sin(angles)], -1)


def rotary_table(ids, axes, theta=10000.0):
    """[tokens, 3] -> cos, sin [tokens, head / 2]."""
    angles = []
    for axis, size in enumerate(axes):
        omega = 1.0 / theta ** (torch.arange(0, size, 2, dtype=torch.float64) / size)
        angles.append(ids[:, axis].double()[:, None] * omega)
    angles = torch.cat(angles, -1)
    return torch.cos(angles).float(), torch.sin(angles).float()


def rotate(x, cos, sin):
    """Rotates interleaved pairs of [batch, heads, tokens, head]."""
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], -1).flatten(-2)


def attention(q, k, v, scale=None, bias=None, causal=False):
    """[batch, heads, tokens, head] each."""
    scores = (q * (q.shape[-1] ** -0.5 if scale is None else scale)) @ k.transpose(-1, -2)
    if bias is not None:
        scores = scores + bias
    if causal:
        scores = scores.masked_fill(torch.ones(scores.shape[-2:], dtype=torch.bool, device=q.device).triu(1), float("-inf"))
    return torch.softmax(scores, -1) @ v


def heads_of(x, heads):
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def merge_heads(x):
    return x.transpose(1, 2).flatten(2)


class RMSNorm(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(size))

    def forward(self, x):
        return x * torch.rsqrt(x.float().pow(2).mean(-1, keepdim=True) + 1e-6).to(x.dtype) * self.scale


class QKNorm(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.query_norm, self.key_norm = RMSNorm(size), RMSNorm(size)


class Embedder(nn.Module):
    def __init__(self, size, hidden):
        super().__init__()
        self.in_layer, self.out_layer = nn.Linear(size, hidden), nn.Linear(hidden, hidden)

    def forward(self, x):
        return self.out_layer(F.silu(self.in_layer(x)))


class Modulation(nn.Module):
    def __init__(self, hidden, parts):
        super().__init__()
        self.parts = parts
        self.lin = nn.Linear(hidden, parts * hidden)

    def forward(self, silu):
        return self.lin(silu)[:, None].chunk(self.parts, -1)


def modulate(x, shift, scale):
    return (1 + scale) * F.layer_norm(x, x.shape[-1:], eps=1e-6) + shift


class StreamAttention(nn.Module):
    def __init__(self, hidden, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(hidden, 3 * hidden)
        self.norm = QKNorm(hidden // heads)
        self.proj = nn.Linear(hidden, hidden)

    def project(self, x):
        q, k, v = (heads_of(part, self.heads) for part in self.qkv(x).chunk(3, -1))
        return self.norm.query_norm(q), self.norm.key_norm(k), v


def gelu_tanh(x):
    # In single precision, which has the faster kernel.
    return F.gelu(x.float(), approximate="tanh")


class GeluTanh(nn.Module):
    def forward(self, x):
        return gelu_tanh(x)


class DoubleBlock(nn.Module):
    def __init__(self, hidden, heads, ratio):
        super().__init__()
        self.img_mod, self.txt_mod = Modulation(hidden, 6), Modulation(hidden, 6)
        self.img_attn, self.txt_attn = StreamAttention(hidden, heads), StreamAttention(hidden, heads)
        wide = int(hidden * ratio)
        self.img_mlp = nn.Sequential(nn.Linear(hidden, wide), GeluTanh(), nn.Linear(wide, hidden))
        self.txt_mlp = nn.Sequential(nn.Linear(hidden, wide), GeluTanh(), nn.Linear(wide, hidden))

    def forward(self, img, txt, silu, cos, sin):
        i, t = self.img_mod(silu), self.txt_mod(silu)
        iq, ik, iv = self.img_attn.project(modulate(img, i[0], i[1]))
        tq, tk, tv = self.txt_attn.project(modulate(txt, t[0], t[1]))
        q, k, v = torch.cat([tq, iq], 2), torch.cat([tk, ik], 2), torch.cat([tv, iv], 2)
        joint = merge_heads(attention(rotate(q, cos, sin), rotate(k, cos, sin), v))
        attended_txt, attended_img = joint[:, :txt.shape[1]], joint[:, txt.shape[1]:]
        img = img + i[2] * self.img_attn.proj(attended_img)
        img = img + i[5] * self.img_mlp(modulate(img, i[3], i[4]))
        txt = txt + t[2] * self.txt_attn.proj(attended_txt)
        txt = txt + t[5] * self.txt_mlp(modulate(txt, t[3], t[4]))
        return img, txt


class SingleBlock(nn.Module):
    def __init__(self, hidden, heads, ratio):
        super().__init__()
        self.hidden, self.heads, self.wide = hidden, heads, int(hidden * ratio)
        self.modulation = Modulation(hidden, 3)
        self.norm = QKNorm(hidden // heads)
        self.linear1 = nn.Linear(hidden, 3 * hidden + self.wide)
        self.linear2 = nn.Linear(hidden + self.wide, hidden)

    def forward(self, x, silu, cos, sin):
        shift, scale, gate = self.modulation(silu)
        q, k, v, mlp = self.linear1(modulate(x, shift, scale)).split([self.hidden] * 3 + [self.wide], -1)
        q = self.norm.query_norm(heads_of(q, self.heads))
        k = self.norm.key_norm(heads_of(k, self.heads))
        attended = merge_heads(attention(rotate(q, cos, sin), rotate(k, cos, sin), heads_of(v, self.heads)))
        return x + gate * self.linear2(torch.cat([attended.float(), gelu_tanh(mlp)], -1))


class FinalLayer(nn.Module):
    def __init__(self, hidden, out):
        super().__init__()
        self.linear = nn.Linear(hidden, out)
        self.adaLN_modulation = nn.Sequential(nn.SiLU(), nn.Linear(hidden, 2 * hidden))

    def forward(self, x, silu):
        shift, scale = self.adaLN_modulation[1](silu)[:, None].chunk(2, -1)
        return self.linear(modulate(x, shift, scale))


class Flux(nn.Module):
    """The transformer; `params` has the names of BFL's FluxParams."""

    def __init__(self, params):
        super().__init__()
        hidden, heads, ratio = params["hidden_size"], params["num_heads"], params["mlp_ratio"]
        self.params = params
        self.img_in = nn.Linear(params["in_channels"], hidden)
        self.txt_in = nn.Linear(params["context_in_dim"], hidden)
        self.time_in, self.guidance_in = Embedder(256, hidden), Embedder(256, hidden)
        self.vector_in = Embedder(params["vec_in_dim"], hidden)
        self.double_blocks = nn.ModuleList(DoubleBlock(hidden, heads, ratio) for _ in range(params["depth"]))
        self.single_blocks = nn.ModuleList(SingleBlock(hidden, heads, ratio) for _ in range(params["depth_single_blocks"]))
        self.final_layer = FinalLayer(hidden, params["in_channels"])

    def zero_init(self):
        """Every block starts as the identity and the output as zero (adaLN-zero)."""
        for block in self.double_blocks:
            for lin in (block.img_mod.lin, block.txt_mod.lin):
                nn.init.zeros_(lin.weight)
                nn.init.zeros_(lin.bias)
        for block in self.single_blocks:
            nn.init.zeros_(block.modulation.lin.weight)
            nn.init.zeros_(block.modulation.lin.bias)
        for lin in (self.final_layer.linear, self.final_layer.adaLN_modulation[1]):
            nn.init.zeros_(lin.weight)
            nn.init.zeros_(lin.bias)

    def forward(self, img, cos, sin, txt, timesteps, vector, guidance):
        """img [B, target + context, C] -> velocity for all of them; cos and sin cover text then img."""
        vec = self.time_in(sinusoids(timesteps).to(img.dtype)) + self.vector_in(vector) + self.guidance_in(sinusoids(guidance).to(img.dtype))
        silu = F.silu(vec)
        # The residual streams stay in single precision under autocast.
        x, c = self.img_in(img).float(), self.txt_in(txt).float()
        for block in self.double_blocks:
            x, c = block(x, c, silu, cos, sin)
        z = torch.cat([c, x], 1)
        for block in self.single_blocks:
            z = block(z, silu, cos, sin)
        return self.final_layer(z[:, c.shape[1]:], silu)


# ---------------------------------------------------------------- autoencoder

class GroupNorm(nn.GroupNorm):
    """Always in single precision, under autocast too."""

    def forward(self, x):
        return super().forward(x.float())


class ResnetBlock(nn.Module):
    def __init__(self, cin, cout, groups):
        super().__init__()
        self.norm1, self.conv1 = GroupNorm(groups, cin, 1e-6), nn.Conv2d(cin, cout, 3, padding=1)
        self.norm2, self.conv2 = GroupNorm(groups, cout, 1e-6), nn.Conv2d(cout, cout, 3, padding=1)
        if cin != cout:
            self.nin_shortcut = nn.Conv2d(cin, cout, 1)

    def forward(self, x):
        h = self.conv1(F.silu(self.norm1(x)))
        h = self.conv2(F.silu(self.norm2(h)))
        return (self.nin_shortcut(x) if hasattr(self, "nin_shortcut") else x) + h


class AttnBlock(nn.Module):
    def __init__(self, channels, groups):
        super().__init__()
        self.norm = GroupNorm(groups, channels, 1e-6)
        self.q, self.k, self.v, self.proj_out = (nn.Conv2d(channels, channels, 1) for _ in range(4))

    def forward(self, x):
        h = self.norm(x)
        q, k, v = (conv(h).flatten(2).transpose(1, 2)[:, None] for conv in (self.q, self.k, self.v))
        return x + self.proj_out(attention(q, k, v)[:, 0].transpose(1, 2).reshape(x.shape))


class Middle(nn.Module):
    def __init__(self, channels, groups):
        super().__init__()
        self.block_1, self.attn_1, self.block_2 = ResnetBlock(channels, channels, groups), AttnBlock(channels, groups), ResnetBlock(channels, channels, groups)

    def forward(self, x):
        return self.block_2(self.attn_1(self.block_1(x)))


class Level(nn.Module):
    pass


class Resample(nn.Module):
    def __init__(self, channels, down):
        super().__init__()
        self.down = down
        self.conv = nn.Conv2d(channels, channels, 3, stride=2 if down else 1, padding=0 if down else 1)

    def forward(self, x):
        return self.conv(F.pad(x, (0, 1, 0, 1)) if self.down else F.interpolate(x, scale_factor=2.0, mode="nearest"))


class Encoder(nn.Module):
    def __init__(self, p):
        super().__init__()
        widths, groups = [p["ch"] * m for m in p["ch_mult"]], p["norm_groups"]
        self.conv_in = nn.Conv2d(3, p["ch"], 3, padding=1)
        self.down, current = nn.ModuleList(), p["ch"]
        for i, width in enumerate(widths):
            level = Level()
            level.block = nn.ModuleList()
            for _ in range(p["num_res_blocks"]):
                level.block.append(ResnetBlock(current, width, groups))
                current = width
            if i < len(widths) - 1:
                level.downsample = Resample(current, down=True)
            self.down.append(level)
        self.mid = Middle(current, groups)
        self.norm_out, self.conv_out = GroupNorm(groups, current, 1e-6), nn.Conv2d(current, 2 * p["z_channels"], 3, padding=1)

    def forward(self, x):
        x = self.conv_in(x)
        for level in self.down:
            for block in level.block:
                x = block(x)
            if hasattr(level, "downsample"):
                x = level.downsample(x)
        return self.conv_out(F.silu(self.norm_out(self.mid(x))))


class Decoder(nn.Module):
    def __init__(self, p):
        super().__init__()
        widths, groups = [p["ch"] * m for m in p["ch_mult"]], p["norm_groups"]
        current = widths[-1]
        self.conv_in = nn.Conv2d(p["z_channels"], current, 3, padding=1)
        self.mid = Middle(current, groups)
        levels = []
        for i in reversed(range(len(widths))):
            level = Level()
            level.block = nn.ModuleList()
            for _ in range(p["num_res_blocks"] + 1):
                level.block.append(ResnetBlock(current, widths[i], groups))
                current = widths[i]
            if i > 0:
                level.upsample = Resample(current, down=False)
            levels.insert(0, level)
        self.up = nn.ModuleList(levels)
        self.norm_out, self.conv_out = GroupNorm(groups, current, 1e-6), nn.Conv2d(current, 3, 3, padding=1)

    def forward(self, z):
        x = self.mid(self.conv_in(z))
        for level in reversed(self.up):
            for block in level.block:
                x = block(x)
            if hasattr(level, "upsample"):
                x = level.upsample(x)
        return self.conv_out(F.silu(self.norm_out(x)))


class Autoencoder(nn.Module):
    """`params` has the names of BFL's AutoEncoderParams, and norm_groups."""

    def __init__(self, params):
        super().__init__()
        self.params = params
        self.encoder, self.decoder = Encoder(params), Decoder(params)

    def moments(self, image):
        return self.encoder(image).chunk(2, 1)

    def encode(self, image):
        return self.params["scale_factor"] * (self.moments(image)[0] - self.params["shift_factor"])

    def decode(self, latents):
        return self.decoder(latents / self.params["scale_factor"] + self.params["shift_factor"])


# ---------------------------------------------------------------- text encoders

class T5Norm(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x):
        return x * torch.rsqrt(x.float().pow(2).mean(-1, keepdim=True) + 1e-6).to(x.dtype) * self.weight


def t5_buckets(tokens, buckets, max_distance):
    offset = torch.arange(tokens)[None] - torch.arange(tokens)[:, None]
    half, distance = buckets // 2, offset.abs()
    exact = half // 2
    large = exact + (torch.log(distance.clamp(min=1).float() / exact) / math.log(max_distance / exact) * (half - exact)).long()
    return (offset > 0).long() * half + torch.where(distance < exact, distance, large.clamp(max=half - 1))


class T5Attention(nn.Module):
    def __init__(self, p, first):
        super().__init__()
        inner = p["num_heads"] * p["d_kv"]
        self.heads = p["num_heads"]
        self.q, self.k, self.v = (nn.Linear(p["d_model"], inner, bias=False) for _ in range(3))
        self.o = nn.Linear(inner, p["d_model"], bias=False)
        if first:
            self.relative_attention_bias = nn.Embedding(p["relative_attention_num_buckets"], p["num_heads"])

    def forward(self, x, bias):
        q, k, v = (heads_of(part(x), self.heads) for part in (self.q, self.k, self.v))
        return self.o(merge_heads(attention(q, k, v, scale=1.0, bias=bias)))


class T5FeedForward(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.wi_0, self.wi_1 = (nn.Linear(p["d_model"], p["d_ff"], bias=False) for _ in range(2))
        self.wo = nn.Linear(p["d_ff"], p["d_model"], bias=False)

    def forward(self, x):
        return self.wo(gelu_tanh(self.wi_0(x)) * self.wi_1(x))


class T5Block(nn.Module):
    def __init__(self, p, first):
        super().__init__()
        attend, feed = nn.Module(), nn.Module()
        attend.SelfAttention, attend.layer_norm = T5Attention(p, first), T5Norm(p["d_model"])
        feed.DenseReluDense, feed.layer_norm = T5FeedForward(p), T5Norm(p["d_model"])
        self.layer = nn.ModuleList([attend, feed])

    def forward(self, x, bias):
        x = x + self.layer[0].SelfAttention(self.layer[0].layer_norm(x), bias)
        return x + self.layer[1].DenseReluDense(self.layer[1].layer_norm(x))


class T5Encoder(nn.Module):
    """`params` has the names of a published T5 config.json."""

    def __init__(self, params):
        super().__init__()
        self.params = params
        self.shared = nn.Embedding(params["vocab_size"], params["d_model"])
        self.encoder = nn.Module()
        self.encoder.block = nn.ModuleList(T5Block(params, i == 0) for i in range(params["num_layers"]))
        self.encoder.final_layer_norm = T5Norm(params["d_model"])

    def forward(self, ids):
        buckets = t5_buckets(ids.shape[1], self.params["relative_attention_num_buckets"], self.params["relative_attention_max_distance"]).to(ids.device)
        bias = self.encoder.block[0].layer[0].SelfAttention.relative_attention_bias(buckets).permute(2, 0, 1)[None]
        x = self.shared(ids)
        for block in self.encoder.block:
            x = block(x, bias)
        return self.encoder.final_layer_norm(x)


class ClipLayer(nn.Module):
    def __init__(self, p):
        super().__init__()
        size, eps = p["hidden_size"], p["layer_norm_eps"]
        self.heads = p["num_attention_heads"]
        self.self_attn, self.mlp = nn.Module(), nn.Module()
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            setattr(self.self_attn, name, nn.Linear(size, size))
        self.mlp.fc1, self.mlp.fc2 = nn.Linear(size, p["intermediate_size"]), nn.Linear(p["intermediate_size"], size)
        self.layer_norm1, self.layer_norm2 = nn.LayerNorm(size, eps), nn.LayerNorm(size, eps)

    def forward(self, x):
        h, a = self.layer_norm1(x), self.self_attn
        q, k, v = (heads_of(part(h), self.heads) for part in (a.q_proj, a.k_proj, a.v_proj))
        x = x + a.out_proj(merge_heads(attention(q, k, v, causal=True)))
        h = self.mlp.fc1(self.layer_norm2(x))
        return x + self.mlp.fc2(h * torch.sigmoid(1.702 * h))


class ClipText(nn.Module):
    """`params` has the names of a published CLIP text config.json; gives the pooled vector."""

    def __init__(self, params):
        super().__init__()
        self.params = params
        model = self.text_model = nn.Module()
        model.embeddings, model.encoder = nn.Module(), nn.Module()
        model.embeddings.token_embedding = nn.Embedding(params["vocab_size"], params["hidden_size"])
        model.embeddings.position_embedding = nn.Embedding(params["max_position_embeddings"], params["hidden_size"])
        model.encoder.layers = nn.ModuleList(ClipLayer(params) for _ in range(params["num_hidden_layers"]))
        model.final_layer_norm = nn.LayerNorm(params["hidden_size"], params["layer_norm_eps"])

    def forward(self, ids):
        model = self.text_model
        x = model.embeddings.token_embedding(ids) + model.embeddings.position_embedding.weight[:ids.shape[1]]
        for layer in model.encoder.layers:
            x = layer(x)
        end = (ids == self.params["eos_token_id"]).int().argmax(-1)
        return model.final_layer_norm(x[torch.arange(len(ids), device=ids.device), end])


# ---------------------------------------------------------------- sequences

def pack(latents):
    """[B, C, h, w] -> [B, (h/2)(w/2), 4C], channel index c*4 + ph*2 + pw."""
    b, c, h, w = latents.shape
    return latents.reshape(b, c, h // 2, 2, w // 2, 2).permute(0, 2, 4, 1, 3, 5).reshape(b, h * w // 4, c * 4)


def unpack(tokens, height, width):
    """[B, tokens, 4C] -> [B, C, height, width]."""
    b, _, c = tokens.shape
    return tokens.reshape(b, height // 2, width // 2, c // 4, 2, 2).permute(0, 3, 1, 4, 2, 5).reshape(b, c // 4, height, width)


def image_ids(number, rows, columns):
    """[rows * columns, 3]: (image, row, column); 0 is the target, 1 and on are contexts."""
    grid = torch.zeros(rows, columns, 3)
    grid[..., 0] = number
    grid[..., 1] = torch.arange(rows)[:, None]
    grid[..., 2] = torch.arange(columns)[None]
    return grid.reshape(-1, 3)


def sigmas(steps, tokens):
    """The published schedule: 1 ... 0, shifted by mu(target tokens)."""
    mu = (1.15 - 0.5) / (4096 - 256) * (tokens - 256) + 0.5
    levels = [1 - i / steps for i in range(steps)]
    return [math.exp(mu) / (math.exp(mu) + 1 / s - 1) for s in levels] + [0.0]
