"""Trains both tokenizers from the sentences of the scenes: tokenizers.py --work DIR. Writes DIR/t5/ and DIR/clip/.

T5: SentencePiece Unigram in T5's id layout. CLIP: byte-level BPE with `</w>` at word ends, vocab.json and merges.txt.
Also the tokenisation that training uses; it is written to agree with any implementation of the published formats.
"""
import argparse
import collections
import io
import json
import os
import re

import numpy as np
import sentencepiece

import scenes

TOKENS = 24
MERGES = 400
PIECES = 420
_WORDS = re.compile(r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[^\W\d_]+|\d|[^\s\w]+|_+", re.IGNORECASE)


def byte_symbols():
    """CLIP's printable stand-ins of the 256 bytes."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    symbols, extra = {b: chr(b) for b in printable}, 0
    for b in range(256):
        if b not in symbols:
            symbols[b] = chr(256 + extra)
            extra += 1
    return symbols


def corpus(count=40000, seed=7):
    rng = np.random.default_rng(seed)
    return [scenes.sample(rng)[2] for _ in range(count)]


def train_t5(sentences, folder):
    words = sorted({word for line in sentences for word in line.replace(".", "").split()})
    variants = [v + end for w in words for v in (w, w[0].upper() + w[1:]) for end in ("", ".", ",", "!", "?")]
    letters = [" ".join(chr(c) for c in range(33, 127))] * 50
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences + variants * 30 + letters), model_writer=model, vocab_size=PIECES, model_type="unigram",
        normalization_rule_name="nmt_nfkc", add_dummy_prefix=True, pad_id=0, eos_id=1, unk_id=2, bos_id=-1, character_coverage=1.0,
        hard_vocab_limit=False, num_threads=1, minloglevel=2)
    with open(os.path.join(folder, "spiece.model"), "wb") as file:
        file.write(model.getvalue())
    with open(os.path.join(folder, "tokenizer_config.json"), "w") as file:
        json.dump({"model_max_length": TOKENS}, file)


def train_clip(sentences, folder):
    symbols = byte_symbols()
    counts = collections.Counter(word for line in sentences for word in _WORDS.findall(line.lower()))
    spelled = {}
    for word in counts:
        letters = [symbols[b] for b in word.encode()]
        spelled[word] = letters[:-1] + [letters[-1] + "</w>"]
    merges = []
    while len(merges) < MERGES:
        pairs = collections.Counter()
        for word, parts in spelled.items():
            for pair in zip(parts, parts[1:]):
                pairs[pair] += counts[word]
        if not pairs:
            break
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        for word, parts in spelled.items():
            spelled[word] = merge(parts, best)
    alphabet = list(byte_symbols().values())
    names = alphabet + [s + "</w>" for s in alphabet] + ["".join(m) for m in merges] + ["<|startoftext|>", "<|endoftext|>"]
    with open(os.path.join(folder, "vocab.json"), "w") as file:
        json.dump({name: i for i, name in enumerate(dict.fromkeys(names))}, file, ensure_ascii=False)
    with open(os.path.join(folder, "merges.txt"), "w") as file:
        file.write("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))


def merge(parts, pair):
    out, i = [], 0
    while i < len(parts):
        if i + 1 < len(parts) and (parts[i], parts[i + 1]) == pair:
            out.append(parts[i] + parts[i + 1])
            i += 2
        else:
            out.append(parts[i])
            i += 1
    return out


class T5Tokens:
    def __init__(self, pieces):
        self.model = sentencepiece.SentencePieceProcessor(model_file=pieces)
        self.size = self.model.get_piece_size()

    def __call__(self, text):
        ids = self.model.encode(text) + [1]
        assert len(ids) <= TOKENS, (text, len(ids))
        return ids + [0] * (TOKENS - len(ids))


class ClipTokens:
    def __init__(self, vocabulary, merges):
        with open(vocabulary) as file:
            self.ids = json.load(file)
        with open(merges) as file:
            self.ranks = {tuple(line.split()): i for i, line in enumerate(file.read().splitlines()[1:])}
        self.size, self.symbols, self.known = len(self.ids), byte_symbols(), {}

    def word(self, word):
        if word not in self.known:
            parts = [self.symbols[b] for b in word.encode()]
            parts[-1] += "</w>"
            while len(parts) > 1:
                best = min(zip(parts, parts[1:]), key=lambda pair: self.ranks.get(pair, 1 << 30))
                if best not in self.ranks:
                    break
                parts = merge(parts, best)
            self.known[word] = [self.ids[part] for part in parts]
        return self.known[word]

    def __call__(self, text):
        start, end = self.ids["<|startoftext|>"], self.ids["<|endoftext|>"]
        ids = [i for word in _WORDS.findall(" ".join(text.lower().split())) for i in self.word(word)][:TOKENS - 2]
        return [start] + ids + [end] * (TOKENS - 1 - len(ids))


def of_work(folder):
    """Both tokenizers of a work folder."""
    return (T5Tokens(os.path.join(folder, "t5", "spiece.model")),
            ClipTokens(os.path.join(folder, "clip", "vocab.json"), os.path.join(folder, "clip", "merges.txt")))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", required=True)
    args = parser.parse_args()
    for name in ("t5", "clip"):
        os.makedirs(os.path.join(args.work, name), exist_ok=True)
    lines = corpus()
    train_t5(lines, os.path.join(args.work, "t5"))
    train_clip(lines, os.path.join(args.work, "clip"))
    t5, clip = of_work(args.work)
    longest = max(sum(i != 0 for i in t5(line)) for line in lines)
    print(f"t5: {t5.size} pieces, longest sentence {longest} of {TOKENS} tokens; clip: {clip.size} entries")
    print(t5.model.encode("Put the character at the bottom right on a pink background.", out_type=str))
