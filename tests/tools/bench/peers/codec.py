"""Bytes to lines of text as a socket's makefile does it.

codec.py FILE SAMPLE: the milliseconds, the lines, the characters and the
SHA-256 of every SAMPLE-th line.
"""

import hashlib
import io
import json
import sys
import time

path, sample = sys.argv[1], int(sys.argv[2])
kept = []
start = time.perf_counter()
lines = characters = 0
with io.TextIOWrapper(open(path, "rb"), encoding="utf-8") as text:
    for line in text:
        lines += 1
        characters += len(line) - 1
        if lines % sample == 0:
            kept.append(line)
milliseconds = (time.perf_counter() - start) * 1000
print(
    json.dumps(
        {
            "milliseconds": milliseconds,
            "lines": lines,
            "characters": characters,
            "hash": hashlib.sha256("".join(kept).encode()).hexdigest(),
        }
    )
)
