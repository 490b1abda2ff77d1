"""Records what other implementations make of random strings: tokenizer_cases.py tests/Kontext.Flux.Tests/Fixtures

  canonical_cases.json      Python's unicodedata, normalization form C
  clip_random_cases.json,   a transcription of transformers' CLIPTokenizerFast over clip_small_vocab.json, here below;
    clip_small_cases.json   of the latter only the ids are made anew
  spiece_random_cases.json  sentencepiece itself over spiece_tiny.model
"""
import json
import os
import random
import sys
import unicodedata

COUNT = 1000
ASSIGNED = [c for c in range(sys.maxunicode + 1) if unicodedata.category(chr(c)) not in ("Cn", "Cs", "Co")]
MARKS = [c for c in ASSIGNED if unicodedata.combining(chr(c))]
CHANGING = [c for c in ASSIGNED if unicodedata.normalize("NFD", chr(c)) != chr(c)]
ENGLISH = ("a an the and photo of cat dog put replace make it they're I'll don't we've he'd I'm it's CAN'T 3D 2024 10x red-haired "
           "background, pink. (no) text: \"HELLO\" @home #1 50% a/b").split()
OTHER = ("日本語 中文 한국어 ไทย עברית العربية हिन्दी Ελλάδα ΟΔΟΣ Привет İstanbul STRASSE ẞ ﬁne ① ½ Ⅷ ٣ 🙂 👩‍🎨 🇫🇷 👍🏽 ❤️ → ™ "
         "“quoted” it’s naïve café ÅNGSTRÖM Å Ω K <|endoftext|> <|startoftext|>").split()
SPACES = [" ", "  ", "\t", "\n", "\u00a0", "\u3000", "\u2009", "\u0085", "\u200b", "\u00ad", "\ufeff", ""]
draw = random.Random(20240607)


def word():
    kind = draw.randrange(9)
    if kind < 3:
        return draw.choice(ENGLISH)
    if kind == 3:
        return draw.choice(OTHER)
    if kind == 4:
        return unicodedata.normalize("NFD", draw.choice(OTHER))
    if kind == 5:
        return "".join(chr(draw.choice(ASSIGNED)) for _ in range(draw.randint(1, 5)))
    if kind == 6:
        return draw.choice("aeoEU가のе") + "".join(chr(draw.choice(MARKS)) for _ in range(draw.randint(1, 4)))
    if kind == 7:
        return unicodedata.normalize("NFD", chr(draw.choice(CHANGING)))
    return "".join(draw.choice("0123456789'!?.-_,") for _ in range(draw.randint(1, 6)))


def sentence():
    return "".join(word() + draw.choice(SPACES) for _ in range(draw.randint(1, 6)))


# ---------------------------------------------------------------- CLIP

WHITE = set("\t\n\v\f\r \u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000") | {chr(c) for c in range(0x2000, 0x200b)}
CONTRACTIONS = ("'s", "'t", "'re", "'ve", "'m", "'ll", "'d")


def kind_of(character):
    return " " if character in WHITE else unicodedata.category(character)[0] if unicodedata.category(character)[0] in "LN" else "other"


def clip_words(text):
    """'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+ over NFC text, lower-cased character by character."""
    text = "".join(character.lower() for character in unicodedata.normalize("NFC", text))
    at = 0
    while at < len(text):
        contraction = next((c for c in CONTRACTIONS if text.startswith(c, at)), None)
        kind, end = kind_of(text[at]), at + 1
        if contraction:
            end = at + len(contraction)
        elif kind in ("L", "other"):
            while end < len(text) and kind_of(text[end]) == kind:
                end += 1
        if kind != " ":
            yield text[at:end]
        at = end


def byte_alphabet():
    printable = [b for b in range(256) if 33 <= b <= 126 or 161 <= b <= 172 or b >= 174]
    rest = [b for b in range(256) if b not in printable]
    return {**{b: chr(b) for b in printable}, **{b: chr(256 + i) for i, b in enumerate(rest)}}


def clip(folder):
    with open(os.path.join(folder, "clip_small_vocab.json"), encoding="utf-8") as file:
        ids = json.load(file)
    with open(os.path.join(folder, "clip_small_merges.txt"), encoding="utf-8") as file:
        merges = [tuple(line.split(" ")) for line in file.read().split("\n") if line and not line.startswith("#version")]
    alphabet = byte_alphabet()

    def encode(text):
        found = []
        for piece in clip_words(text):
            symbols = [alphabet[b] for b in piece.encode("utf-8")]
            symbols[-1] += "</w>"
            # Every merge once, in order of rank, is what merging the least pair again and again comes to.
            for left, right in merges:
                i = 0
                while i < len(symbols) - 1:
                    if symbols[i] == left and symbols[i + 1] == right:
                        symbols[i:i + 2] = [left + right]
                    i += 1
            found += [ids[symbol] for symbol in symbols]
        return found

    return encode


# ---------------------------------------------------------------- normalization

TROUBLE = [
    "\u00c5", "A\u030a", "\u212b", "\u2126", "\u212a",  # singletons
    "\u0958", "\u0915\u093c", "\ufb1d", "\u2adc", "\u0f43", "\u0f73", "\u0344", "\u1d15e", "\U0001d15e", "\u0f77",  # exclusions
    "\u1100\u1161", "\u1100\u1161\u11a8", "\uac00\u11a8", "\uac01\u11a8", "\uac00\u11a7", "\u1100\u1100\u1161", "\u1161\u11a8", "\ud7a3\u11c2",  # Hangul
    "q\u0307\u0323", "a\u0323\u0307", "d\u0307\u0323", "\u1e0b\u0323", "\u1e0d\u0307", "s\u0323\u0307", "\u1e69", "\u01d6\u0304",  # order
    "a\u0302\u0301", "a\u0301\u0302", "\u0061\u0315\u0300\u05ae\u0300\u0062", "\u0cc6\u0cc2\u0cd5", "\u0dd9\u0dcf\u0dca", "\u1b05\u1b35",
    "\u0300", "\u0300\u0301", "a\u0300\u0315\u0328", "\u09c7\u0334\u09be", "\u0b47\u0300\u0b3e", "\u1100\u0300\u1161", "\U000110a5\U000110ba",
    "\uf900", "\U0002f800", "\u2000", "\u1f71", "\u0340\u0341\u0343", "\u0374\u037e\u0387", "", "plain", "caf\u00e9",
]


def marked():
    """Starters that compose and marks of every class, in any order; at times long runs."""
    longest = draw.choice([1, 2, 3, 5, 40])
    text = ""
    for _ in range(draw.randint(1, 4)):
        text += draw.choice([chr(draw.choice(CHANGING)), draw.choice("aAeoOuUsSdDkK\u0915\u09c7\u1100\u1161"), chr(draw.choice(ASSIGNED))])
        text += "".join(chr(draw.choice(MARKS)) for _ in range(draw.randint(0, longest)))
    return text if draw.random() < 0.5 else unicodedata.normalize("NFD", text)


if __name__ == "__main__":
    import sentencepiece

    fixtures = sys.argv[1]

    def write(name, cases, source):
        with open(os.path.join(fixtures, name), "w") as file:
            file.write(json.dumps({"source": source}, separators=(",", ":"))[:-1] + ',"cases":[\n')
            file.write(",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]}\n")

    texts = list(dict.fromkeys(TROUBLE)) + [marked() for _ in range(COUNT + 200)]
    write("canonical_cases.json", [{"text": t, "nfc": unicodedata.normalize("NFC", t)} for t in texts],
          f"Python's unicodedata, Unicode {unicodedata.unidata_version}")
    encode = clip(fixtures)
    write("clip_random_cases.json", [{"text": t, "ids": encode(t)} for t in (sentence() for _ in range(COUNT))],
          "eng/tokenizer_cases.py")
    with open(os.path.join(fixtures, "clip_small_cases.json")) as file:
        chosen = [case["text"] for case in json.load(file)["cases"]]
    write("clip_small_cases.json", [{"text": t, "ids": encode(t)} for t in chosen], "eng/tokenizer_cases.py")
    pieces = sentencepiece.SentencePieceProcessor(model_file=os.path.join(fixtures, "spiece_tiny.model"))
    write("spiece_random_cases.json", [{"text": t, "ids": pieces.encode(t), "pieces": pieces.encode(t, out_type=str)}
                                       for t in (sentence() for _ in range(COUNT))], f"sentencepiece {sentencepiece.__version__}")
