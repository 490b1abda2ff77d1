"""Checkpoints of a training run: written whole or not at all, with the state of both random generators."""
import os

import torch


def save(path, rng, **state):
    torch.save({**state, "numpy": rng.bit_generator.state, "torch": torch.get_rng_state()}, path + ".part")
    os.replace(path + ".part", path)


def load(path, rng, device):
    """The saved state, or None; both generators go on where they were."""
    if not os.path.exists(path):
        return None
    state = torch.load(path, map_location=device)
    rng.bit_generator.state = state.pop("numpy")
    torch.set_rng_state(state.pop("torch").cpu())
    return state


def prepare(device, seed):
    """Seeds torch and takes every core; returns the device's name ("auto": a GPU if there is one)."""
    torch.manual_seed(seed)
    torch.set_num_threads(os.cpu_count())
    return ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
