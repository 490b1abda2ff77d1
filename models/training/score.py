"""Scores a made picture against the true one: is the edit there, and is the rest kept?"""
import numpy as np


def _dilate(mask):
    padded, out = np.pad(mask, 1), np.zeros_like(mask)
    for y in range(3):
        for x in range(3):
            out |= padded[y:y + mask.shape[0], x:x + mask.shape[1]]
    return out


def psnr(mean_square):
    return min(99.0, float(10 * np.log10(1 / max(mean_square, 1e-10))))


def score(source, target, output):
    """uint8 [h, w, 3] each; source may be None (text to image: the target's most common colour stands in).

    Changed pixels C: some channel differs by more than 0.1 between source and target, grown by one pixel. explained = the share
    of the change in C that the output made: 1 - sum (o - t)^2 / sum (s - t)^2. The edit counts if explained >= 0.75 and
    the untouched pixels are kept (PSNR >= 24 dB); psnr_untouched is None where there are next to none (< 5 %).
    """
    o, t = output.astype(np.float64) / 255, target.astype(np.float64) / 255
    if source is None:
        colors, counts = np.unique(target.reshape(-1, 3), axis=0, return_counts=True)
        s = np.broadcast_to(colors[counts.argmax()] / 255, t.shape)
    else:
        s = source.astype(np.float64) / 255
    changed = _dilate(np.abs(t - s).max(-1) > 0.1)
    untouched = ~changed
    energy = ((s - t) ** 2)[changed].sum()
    explained = 1 - ((o - t) ** 2)[changed].sum() / max(energy, 1e-9) if changed.any() else 1.0
    kept = psnr(((o - t) ** 2)[untouched].mean()) if untouched.mean() >= 0.05 else None
    ok = bool(explained >= 0.75 and (kept is None or kept >= 24))
    return {"ok": ok, "explained": float(explained), "psnr": psnr(((o - t) ** 2).mean()), "psnr_untouched": kept}


def table(rows):
    """rows: (category, kind, score) -> {category or category/kind: {count, ok, psnr, psnr_untouched}}, and 'all'; None counts for nothing."""
    groups = {}
    for category, kind, each in rows:
        for name in ("all", category, f"{category} / {kind}"):
            groups.setdefault(name, []).append(each)
    return {name: {"count": len(group), **{key: _mean([each[key] for each in group]) for key in ("ok", "psnr", "psnr_untouched")}}
            for name, group in sorted(groups.items())}


def _mean(values):
    known = [value for value in values if value is not None]
    return round(float(np.mean(known)), 4) if known else None
