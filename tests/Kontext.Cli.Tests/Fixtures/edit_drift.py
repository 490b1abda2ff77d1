"""Writes edit_drift.json beside itself: pictures and what EditDrift must say about them, by formulas written straight from their sources."""
import base64
import json
import os

import numpy as np

W, H = 40, 28
rng = np.random.default_rng(5)


def luma(p):
    return p.astype(np.float64) @ [0.299, 0.587, 0.114]


def ssim(a, b):
    x, y = luma(a), luma(b)
    offset = np.arange(11) - 5.0
    window = np.exp(-(offset[:, None] ** 2 + offset[None] ** 2) / (2 * 1.5 ** 2))
    window /= window.sum()
    c1, c2, values = (0.01 * 255) ** 2, (0.03 * 255) ** 2, []
    for r in range(H - 10):
        for c in range(W - 10):
            p, q = x[r:r + 11, c:c + 11], y[r:r + 11, c:c + 11]
            mp, mq = (window * p).sum(), (window * q).sum()
            vp, vq = (window * (p - mp) ** 2).sum(), (window * (q - mq) ** 2).sum()
            cov = (window * (p - mp) * (q - mq)).sum()
            values.append((2 * mp * mq + c1) * (2 * cov + c2) / ((mp ** 2 + mq ** 2 + c1) * (vp + vq + c2)))
    return float(np.mean(values))


def lab(p):
    c = p / 255.0
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    m = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
    t = linear @ m.T / m.sum(1)
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)


def drift(a, b):
    delta = np.sqrt(((lab(a) - lab(b)) ** 2).sum(-1))
    edited = np.array([[delta[max(0, r - 1):r + 2, max(0, c - 1):c + 2].mean() > 10 for c in range(W)] for r in range(H)])
    out = ~edited
    mse = ((a / 255.0 - b / 255.0) ** 2).mean()
    result = {"psnr": min(99.0, float(-10 * np.log10(max(mse, 1e-10)))), "ssim": ssim(a, b), "edited_share": float(edited.mean()),
              "delta_e_outside": None, "structure_outside": None}
    if out.mean() >= 0.05:
        result["delta_e_outside"] = float(delta[out].mean())
        (ay, ax), (by, bx) = np.gradient(luma(a)), np.gradient(luma(b))
        inner = out.copy()
        inner[[0, -1]] = inner[:, [0, -1]] = False
        energy = ((ax ** 2 + ay ** 2)[inner].sum(), (bx ** 2 + by ** 2)[inner].sum())
        result["structure_outside"] = float((ax * bx + ay * by)[inner].sum() / np.sqrt(energy[0] * energy[1])) if min(energy) > 0 else None
    return result


smooth = np.clip(np.add.outer(np.linspace(20, 200, H), np.linspace(0, 50, W))[..., None] + np.array([0, 20, -15]), 0, 255)
scene = smooth.copy()
scene[5:15, 8:20] = [220, 30, 40]
noisy = np.clip(scene + rng.normal(0, 4, scene.shape), 0, 255)
edited = noisy.copy()
edited[16:26, 24:36] = [30, 60, 230]
pictures = {
    "equal": (scene, scene),
    "noise": (scene, noisy),
    "an edit and noise": (scene, edited),
    "brighter": (scene, np.clip(scene * 1.1 + 5, 0, 255)),
    "another picture": (scene, rng.integers(0, 256, scene.shape)),
    "dark": (scene * 0.01, scene * 0.02),
}
cases = []
for name, (a, b) in pictures.items():
    a, b = np.round(a).astype(np.uint8), np.round(b).astype(np.uint8)
    code = {key: base64.b64encode(p.tobytes()).decode() for key, p in (("source", a), ("output", b))}
    cases.append({"name": name, **code, **drift(a, b)})
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "edit_drift.json"), "w") as file:
    json.dump({"width": W, "height": H, "cases": cases}, file, indent=1)
