"""Writes the tables of Unicode's canonical forms: canonical_forms.py > src/Kontext.Flux/Tokenizers/canonical.txt.

The source is Python's unicodedata, whose Unicode version the first line names. Hangul syllables are computed, not listed. Lines:
  class N FIRST [LAST]     combining class of a range of characters
  pair CODE A B            CODE decomposes into A and B, which compose to it
  split CODE A [B]         CODE decomposes, but nothing composes to it (singletons and Unicode's composition exclusions)
"""
import sys
import unicodedata


def ranges():
    first = last = 0
    for code in range(1, sys.maxunicode + 2):
        of_run = unicodedata.combining(chr(first))
        if code <= sys.maxunicode and unicodedata.combining(chr(code)) == of_run:
            last = code
            continue
        if of_run:
            yield of_run, first, last
        first = last = code


print(f"# Unicode {unicodedata.unidata_version}, by eng/canonical_forms.py")
for of_class, first, last in ranges():
    print("class", of_class, f"{first:04X}" if first == last else f"{first:04X} {last:04X}")
for code in range(sys.maxunicode + 1):
    parts = unicodedata.decomposition(chr(code)).split()
    if parts and not parts[0].startswith("<"):
        kind = "pair" if unicodedata.normalize("NFC", chr(code)) == chr(code) else "split"
        print(kind, f"{code:04X}", *parts)
