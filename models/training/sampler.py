"""The Euler sampler, in torch."""
import torch

import config
import model

SIDE = 4  # tokens along a side of a 64 x 64 picture


class Networks:
    """The four networks together."""

    def __init__(self, flux, t5, clip, autoencoder):
        self.flux, self.t5, self.clip, self.autoencoder = flux, t5, clip, autoencoder


def noise(seed):
    return torch.randn((1, 16, 2 * SIDE, 2 * SIDE), generator=torch.Generator("cpu").manual_seed(seed))


def table(contexts):
    ids = torch.cat([torch.zeros(24, 3), model.image_ids(0, SIDE, SIDE), *(model.image_ids(1 + i, SIDE, SIDE) for i in range(contexts))])
    return model.rotary_table(ids, config.TRANSFORMER["axes_dim"])


@torch.no_grad()
def sample(nets, t5_ids, clip_ids, context, seeds, steps=config.STEPS, guidance=config.GUIDANCE):
    """context: packed latents [B, 16, 64] or None. Returns packed latents [B, 16, 64]."""
    device = t5_ids.device
    cos, sin = (part.to(device) for part in table(0 if context is None else 1))
    text, vector = nets.t5(t5_ids), nets.clip(clip_ids)
    x = model.pack(torch.cat([noise(seed) for seed in seeds])).to(device)
    levels = model.sigmas(steps, SIDE * SIDE)
    full = torch.full((len(seeds),), 1.0, device=device)
    for now, after in zip(levels, levels[1:]):
        tokens = x if context is None else torch.cat([x, context], 1)
        velocity = nets.flux(tokens, cos, sin, text, full * now, vector, full * guidance)[:, :SIDE * SIDE]
        x = x + (after - now) * velocity
    return x


@torch.no_grad()
def pixels(nets, packed):
    """Packed latents -> uint8 [B, 64, 64, 3], rounded."""
    images = nets.autoencoder.decode(model.unpack(packed, 2 * SIDE, 2 * SIDE)).clamp(-1, 1)
    return ((images + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()


@torch.no_grad()
def context_of(nets, image):
    """uint8 [B, 64, 64, 3] -> packed latents."""
    device = next(nets.autoencoder.parameters()).device
    return model.pack(nets.autoencoder.encode(torch.from_numpy(image).permute(0, 3, 1, 2).to(device).float() / 127.5 - 1))
