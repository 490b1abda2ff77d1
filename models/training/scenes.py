"""Procedural 64x64 scenes with exact ground truth: every edit is a change of a scene, drawn twice.

A scene is a small dict; `render` draws it; `pair` invents one example of a category. Everything is drawn from masks that are
computed once, so a picture costs microseconds.
"""
import functools

import numpy as np

SIZE = 64
COLORS = {"red": (220, 40, 45), "green": (40, 165, 70), "blue": (45, 85, 225), "yellow": (245, 215, 50), "purple": (150, 60, 190), "orange": (245, 135, 30)}
GROUNDS = {"white": (248, 248, 248), "gray": (128, 128, 132), "black": (18, 18, 22), "pink": (250, 185, 205), "cyan": (120, 215, 230), "brown": (115, 75, 50)}
SHAPES = ("circle", "square", "triangle", "star", "cross")
SLOTS = {"top left": (16, 16), "top right": (48, 16), "bottom left": (16, 48), "bottom right": (48, 48)}
STYLES = ("solid", "outline", "striped", "dotted")
WORDS = ("CAT DOG SUN SKY SEA ICE HAT BOX CUP KEY BUS CAR JET MAP PEN INK RED BIG HOT NEW "
         "OLD FUN JOY WIN ZOO FOX OWL BEE ANT EGG JAM PIE TEA NUT OAK ELM FIG GEM TOY WEB").split()
FONT = {
    "A": "01110 10001 10001 11111 10001 10001 10001", "B": "11110 10001 10001 11110 10001 10001 11110", "C": "01111 10000 10000 10000 10000 10000 01111",
    "D": "11110 10001 10001 10001 10001 10001 11110", "E": "11111 10000 10000 11110 10000 10000 11111", "F": "11111 10000 10000 11110 10000 10000 10000",
    "G": "01111 10000 10000 10011 10001 10001 01111", "H": "10001 10001 10001 11111 10001 10001 10001", "I": "11111 00100 00100 00100 00100 00100 11111",
    "J": "00111 00010 00010 00010 00010 10010 01100", "K": "10001 10010 10100 11000 10100 10010 10001", "L": "10000 10000 10000 10000 10000 10000 11111",
    "M": "10001 11011 10101 10101 10001 10001 10001", "N": "10001 11001 10101 10011 10001 10001 10001", "O": "01110 10001 10001 10001 10001 10001 01110",
    "P": "11110 10001 10001 11110 10000 10000 10000", "R": "11110 10001 10001 11110 10100 10010 10001", "S": "01111 10000 10000 01110 00001 00001 11110",
    "T": "11111 00100 00100 00100 00100 00100 00100", "U": "10001 10001 10001 10001 10001 10001 01110", "V": "10001 10001 10001 10001 10001 01010 00100",
    "W": "10001 10001 10001 10101 10101 11011 10001", "X": "10001 10001 01010 00100 01010 10001 10001", "Y": "10001 10001 01010 00100 00100 00100 00100",
    "Z": "11111 00001 00010 00100 01000 10000 11111",
}
RADIUS, LARGE = 12.0, 22.0
SKIN, INK = np.array((240, 195, 150), np.float32), np.array((30, 30, 34), np.float32)
KINDS = {  # category -> kinds and their share of the training pairs
    "Instruction Editing - Local": {"recolour": 0.10, "add": 0.06, "remove": 0.04, "replace": 0.12, "move": 0.09},
    "Instruction Editing - Global": {"background": 0.06, "night": 0.02, "grayscale": 0.02, "invert": 0.03, "sketch": 0.04},
    "Character Reference": {"place": 0.04, "pose": 0.03, "background": 0.02, "both": 0.03},
    "Style Reference": {"style": 0.08},
    "Text Editing": {"word": 0.05, "colour": 0.03},
    "Text to Image": {"one": 0.07, "two": 0.07},
}
_Y, _X = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) + 0.5


def _distance(shape, cx, cy, r):
    """Signed distance (pixels, negative inside) to a shape of radius r."""
    x, y = _X - cx, _Y - cy
    if shape == "circle":
        return np.hypot(x, y) - r
    if shape == "square":
        return np.maximum(abs(x), abs(y)) - 0.88 * r
    if shape == "cross":
        arm = 0.36 * r
        return np.minimum(np.maximum(abs(x) - arm, abs(y) - r), np.maximum(abs(x) - r, abs(y) - arm))
    if shape == "triangle":
        corners = [(0, -1.05), (1.05, 0.85), (-1.05, 0.85)]
    else:  # a five-pointed star
        corners = [(np.sin(k * np.pi / 5) * (1.12 if k % 2 == 0 else 0.46), -np.cos(k * np.pi / 5) * (1.12 if k % 2 == 0 else 0.46)) for k in range(10)]
    return _polygon(x / r, y / r, corners) * r


def _polygon(x, y, corners):
    best, inside = np.full(x.shape, 1e9, np.float32), np.zeros(x.shape, bool)
    for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1]):
        ex, ey = bx - ax, by - ay
        t = np.clip(((x - ax) * ex + (y - ay) * ey) / (ex * ex + ey * ey), 0, 1)
        best = np.minimum(best, np.hypot(x - ax - t * ex, y - ay - t * ey))
        crosses = (ay > y) != (by > y)
        if ey != 0:
            inside ^= crosses & (x < ex * (y - ay) / ey + ax)
    return np.where(inside, -best, best)


def _cover(distance):
    return np.clip(0.5 - distance, 0, 1)[..., None].astype(np.float32)


@functools.lru_cache(None)
def shape_mask(shape, slot):
    return _cover(_distance(shape, *SLOTS[slot], RADIUS))


@functools.lru_cache(None)
def outline_mask(shape, slot):
    return _cover(abs(_distance(shape, *SLOTS[slot], RADIUS)) - 1.2)


@functools.lru_cache(None)
def style_mask(shape, style):
    distance = _distance(shape, 32, 32, LARGE)
    fill = _cover(distance)
    if style == "outline":
        return _cover(abs(distance + 2) - 2)
    if style == "striped":
        return fill * _cover(abs((_Y % 8) - 4) - 2)
    if style == "dotted":
        return fill * _cover(np.hypot(_X % 8 - 4, _Y % 8 - 4) - 2.8)
    return fill


@functools.lru_cache(None)
def word_mask(word):
    mask = np.zeros((SIZE, SIZE, 1), np.float32)
    for i, letter in enumerate(word):
        rows = np.array([[c == "1" for c in row] for row in FONT[letter].split()], np.float32)
        mask[21:42, 6 + 18 * i:21 + 18 * i, 0] = rows.repeat(3, 0).repeat(3, 1)
    return mask


@functools.lru_cache(None)
def character_masks(slot, arms):
    """Body, skin, hat and ink masks of the little character."""
    cx, cy = SLOTS[slot]
    x, y = _X - cx, _Y - cy
    body = np.hypot(x / 7, (y - 6) / 8) * 7 - 7
    lift = -7 if arms == "up" else 5
    arm = np.minimum(_segment(x, y, -5, 4, -12, 4 + lift), _segment(x, y, 5, 4, 12, 4 + lift)) - 1.8
    head = np.hypot(x, y + 5) - 5.5
    hat = np.minimum(np.maximum(abs(x) - 8, abs(y + 9) - 1.2), np.maximum(abs(x) - 4.5, abs(y + 12) - 3))
    eyes = np.minimum(np.hypot(x - 2, y + 5), np.hypot(x + 2, y + 5)) - 1.0
    return _cover(np.minimum(body, arm)), _cover(head), _cover(hat), _cover(eyes)


def _segment(x, y, ax, ay, bx, by):
    ex, ey = bx - ax, by - ay
    t = np.clip(((x - ax) * ex + (y - ay) * ey) / (ex * ex + ey * ey), 0, 1)
    return np.hypot(x - ax - t * ex, y - ay - t * ey)


def render(scene):
    """A scene as uint8 [64, 64, 3]."""
    sketch = scene.get("filter") == "sketch"
    ground = GROUNDS["white"] if sketch else GROUNDS[scene["ground"]]
    image = np.empty((SIZE, SIZE, 3), np.float32)
    image[:] = ground

    def paint(mask, color):
        image[:] += (np.asarray(color, np.float32) - image) * mask

    for item in scene.get("objects", ()):
        if sketch:
            paint(outline_mask(item["shape"], item["slot"]), INK)
        else:
            paint(shape_mask(item["shape"], item["slot"]), COLORS[item["color"]])
    if "style" in scene:
        paint(style_mask(scene["shape"], scene["style"]), COLORS[scene["color"]])
    if "word" in scene:
        paint(word_mask(scene["word"]), COLORS[scene["color"]])
    if "slot" in scene:
        body, skin, hat, eyes = character_masks(scene["slot"], scene["arms"])
        paint(body, COLORS[scene["body"]])
        paint(skin, SKIN)
        paint(hat, COLORS[scene["hat"]])
        paint(eyes, INK)
    if scene.get("filter") == "night":
        image = image * 0.35 + np.array((0, 4, 28), np.float32)
    elif scene.get("filter") == "grayscale":
        image = np.repeat(image @ np.array((0.299, 0.587, 0.114), np.float32)[:, None], 3, 2)
    elif scene.get("filter") == "invert":
        image = 255 - image
    return np.clip(image + 0.5, 0, 255).astype(np.uint8)


def _objects(rng, low, high):
    slots = rng.permutation(list(SLOTS))[:rng.integers(low, high + 1)]
    looks = rng.permutation(len(SHAPES) * len(COLORS))[:len(slots)]
    return [{"shape": SHAPES[look % len(SHAPES)], "color": list(COLORS)[look // len(SHAPES)], "slot": str(slot)} for slot, look in zip(slots, looks)]


def _pick(rng, options, but=()):
    options = [option for option in options if option not in but]
    return options[rng.integers(len(options))]


def _say(rng, *phrasings):
    text = phrasings[rng.integers(len(phrasings))]
    if rng.random() < 0.25:
        text = text[0].upper() + text[1:]
    return text + "." if rng.random() < 0.2 else text


def _named(item):
    return f"{item['color']} {item['shape']}"


def _an(words):
    return ("an " if words[0] in "aeiou" else "a ") + words


def object_scene(rng, low=1, high=3):
    return {"ground": _pick(rng, GROUNDS), "objects": _objects(rng, low, high)}


def edit_objects(rng, scene, kind):
    """One local or global edit of a scene of objects: (instruction, new scene), or None if it does not apply."""
    objects = [dict(item) for item in scene["objects"]]
    free = [slot for slot in SLOTS if slot not in {item["slot"] for item in objects}]
    looks = {(item["shape"], item["color"]) for item in objects}
    result = dict(scene, objects=objects)
    if kind == "background":
        result["ground"] = ground = _pick(rng, GROUNDS, {scene["ground"]})
        return _say(rng, f"make the background {ground}", f"change the background to {ground}", f"turn the background {ground}", f"use {_an(ground)} background"), result
    if kind in ("night", "grayscale", "invert", "sketch"):
        result["filter"] = kind
        return _say(rng, *{
            "night": ("make it night", "turn it into night", "change the time to night"),
            "grayscale": ("make it black and white", "turn it into grayscale", "remove all color"),
            "invert": ("invert the colors", "invert all colors", "make it a negative"),
            "sketch": ("make it a sketch", "turn it into a pencil sketch", "draw it as a sketch"),
        }[kind]), result
    if kind == "add":
        if not free or len(objects) > 2:
            return None
        item = {"slot": _pick(rng, free)}
        item["shape"], item["color"] = _pick(rng, [(s, c) for s in SHAPES for c in COLORS], looks)
        objects.append(item)
        return _say(rng, f"add {_an(_named(item))} at the {item['slot']}", f"put {_an(_named(item))} at the {item['slot']}", f"place {_an(_named(item))} in the {item['slot']}"), result
    item = objects[rng.integers(len(objects))]
    name = _named(item)
    if kind == "remove":
        objects.remove(item)
        return _say(rng, f"remove the {name}", f"delete the {name}", f"take away the {name}"), result
    if kind == "move":
        if not free:
            return None
        item["slot"] = slot = _pick(rng, free)
        return _say(rng, f"move the {name} to the {slot}", f"put the {name} at the {slot}", f"shift the {name} to the {slot}"), result
    if kind == "recolour":
        item["color"] = color = _pick(rng, COLORS, {c for s, c in looks if s == item["shape"]})
        return _say(rng, f"make the {name} {color}", f"change the {name} to {color}", f"turn the {name} {color}", f"paint the {name} {color}"), result
    assert kind == "replace"
    item["shape"] = _pick(rng, SHAPES, {s for s, c in looks if c == item["color"]})
    return _say(rng, f"replace the {name} with {_an(_named(item))}", f"turn the {name} into {_an(_named(item))}", f"change the {name} into {_an(_named(item))}"), result


def pair(rng, category, kind):
    """One example: (instruction, source scene or None, target scene)."""
    if category.startswith("Instruction"):
        while True:
            source = object_scene(rng, 2 if kind == "remove" else 1)
            edited = edit_objects(rng, source, kind)
            if edited:
                return edited[0], source, edited[1]
    ground = _pick(rng, GROUNDS)
    if category == "Character Reference":
        source = {"ground": ground, "slot": _pick(rng, SLOTS), "arms": _pick(rng, ("up", "down")), "body": _pick(rng, COLORS), "hat": _pick(rng, COLORS)}
        target = dict(source)
        if kind == "pose":
            target["arms"] = "down" if source["arms"] == "up" else "up"
            verb = "lower" if target["arms"] == "down" else "raise"
            return _say(rng, f"{verb} the arms of the character", f"make the character {verb} its arms", f"{verb} its arms"), source, target
        if kind in ("place", "both"):
            target["slot"] = _pick(rng, SLOTS, {source["slot"]})
        if kind in ("background", "both"):
            target["ground"] = _pick(rng, GROUNDS, {ground})
        at, on = f"at the {target['slot']}", f"on {_an(target['ground'])} background"
        where = {"place": at, "background": on, "both": f"{at} {on}"}[kind]
        return _say(rng, f"put the character {where}", f"show the same character {where}", f"place this character {where}"), source, target
    if category == "Style Reference":
        source = {"ground": ground, "shape": _pick(rng, SHAPES), "color": _pick(rng, COLORS), "style": _pick(rng, STYLES)}
        target = dict(source, shape=_pick(rng, SHAPES, {source["shape"]}), color=_pick(rng, COLORS, {source["color"]}))
        thing = _an(_named(target))
        return _say(rng, f"draw {thing} in this style", f"make {thing} in the same style", f"use this style for {thing}"), source, target
    if category == "Text Editing":
        source = {"ground": ground, "word": _pick(rng, WORDS), "color": _pick(rng, COLORS)}
        target = dict(source)
        if kind == "word":
            target["word"] = word = _pick(rng, WORDS, {source["word"]})
            return _say(rng, f"change the text to {word}", f"replace the text with {word}", f"write {word} instead", f"make the word {word}"), source, target
        target["color"] = color = _pick(rng, COLORS, {source["color"]})
        return _say(rng, f"make the text {color}", f"change the text color to {color}", f"paint the word {color}"), source, target
    count = 1 if kind == "one" else 2
    target = {"ground": ground, "objects": _objects(rng, count, count)}
    things = " and ".join(f"{_an(_named(item))} at the {item['slot']}" for item in target["objects"])
    return _say(rng, f"{things} on {_an(ground)} background", f"{things} on {ground}"), None, target


def kinds():
    """All (category, kind, share)."""
    return [(category, kind, share) for category, each in KINDS.items() for kind, share in each.items()]


def sample(rng, shares=None):
    """A random example: (category, kind, instruction, source, target)."""
    all_kinds = kinds()
    weights = np.array(shares if shares is not None else [share for _, _, share in all_kinds], float)
    category, kind, _ = all_kinds[rng.choice(len(all_kinds), p=weights / weights.sum())]
    return (category, kind, *pair(rng, category, kind))


def next_turn(rng, scene):
    """One turn of a chain of local edits: (kind, instruction, new scene)."""
    while True:
        kind = _pick(rng, KINDS["Instruction Editing - Local"])
        edited = edit_objects(rng, scene, kind) if kind != "remove" or len(scene["objects"]) > 1 else None
        if edited:
            return kind, *edited
