"""Muon (Jordan et al. 2024): momentum whose matrix updates are orthogonalised by five Newton-Schulz steps; AdamW for the rest."""
import torch


def orthogonalise(matrix, steps=5):
    """[..., rows, columns]; a stack of matrices costs little more than one."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = (matrix / (matrix.norm(dim=(-2, -1), keepdim=True) + 1e-7)).bfloat16()
    flip = x.shape[-2] > x.shape[-1]
    x = x.mT if flip else x
    for _ in range(steps):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.mT if flip else x).float()


class Muon:
    """Matrices (and convolutions, flattened) in `matrices`; everything else goes to AdamW. Rates are set by `scale`."""

    def __init__(self, matrices, others, rate=0.02, other_rate=2e-3, momentum=0.95):
        self.matrices, self.rate, self.other_rate, self.momentum = list(matrices), rate, other_rate, momentum
        self.buffers = [torch.zeros_like(p) for p in self.matrices]
        shapes = [tuple(p.flatten(1).shape) for p in self.matrices]
        self.groups = [[i for i, shape in enumerate(shapes) if shape == each] for each in dict.fromkeys(shapes)]
        self.adam = torch.optim.AdamW(list(others), lr=other_rate, betas=(0.9, 0.98), weight_decay=0.0)

    @torch.no_grad()
    def step(self, scale):
        for group in self.adam.param_groups:
            group["lr"] = self.other_rate * scale
        self.adam.step()
        for group in self.groups:
            for i in group:
                self.buffers[i].mul_(self.momentum).add_(self.matrices[i].grad)
            pushed = [(self.matrices[i].grad + self.momentum * self.buffers[i]).flatten(1) for i in group]
            for i, update in zip(group, orthogonalise(torch.stack(pushed))):
                rate = self.rate * scale * max(1, update.shape[0] / update.shape[1]) ** 0.5
                self.matrices[i].add_(update.reshape(self.matrices[i].shape), alpha=-rate)

    def zero_grad(self):
        self.adam.zero_grad(set_to_none=True)
        for p in self.matrices:
            p.grad = None

    def state_dict(self):
        return {"buffers": self.buffers, "adam": self.adam.state_dict()}

    def load_state_dict(self, state):
        for buffer, saved in zip(self.buffers, state["buffers"]):
            buffer.copy_(saved)
        self.adam.load_state_dict(state["adam"])


class Average:
    """Exponential moving average of a module's weights."""

    def __init__(self, module, decay):
        self.decay, self.steps = decay, 0
        self.shadow = {key: value.detach().clone() for key, value in module.state_dict().items()}

    @torch.no_grad()
    def update(self, module):
        self.steps += 1
        decay = min(self.decay, self.steps / (self.steps + 10))
        for key, value in module.state_dict().items():
            self.shadow[key].lerp_(value, 1 - decay)

    def state_dict(self):
        return {"steps": self.steps, "shadow": self.shadow}

    def load_state_dict(self, state):
        self.steps, self.shadow = state["steps"], state["shadow"]
