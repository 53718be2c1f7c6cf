"""
tensorboardX: `tensorboardx.py <scalars|histogram|image> <count> <dir> [data]` prints the time per item, in µs: in the
caller, and from the first call to the end of close. `data` is the file of values or pixels.
"""
import json
import os
import statistics
import sys
import time

import numpy as np
from tensorboardX import SummaryWriter

what, count, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
TAGS = ["train/loss", "train/accuracy", "train/rate", "val/loss", "val/accuracy"]
SIDE = 256


def scalars(steps, name):
    """A new writer, `steps` steps of five scalars each."""
    start = time.perf_counter()
    writer = SummaryWriter(os.path.join(folder, name))
    for step in range(steps):
        for index, tag in enumerate(TAGS):
            writer.add_scalar(tag, step * 0.001 + index, step)
    caller = time.perf_counter() - start
    writer.close()
    whole = time.perf_counter() - start
    items = steps * len(TAGS)
    return {"caller": caller * 1e6 / items, "whole": whole * 1e6 / items}


def made(add):
    """Items one after the other, after a few that warm up the same writer."""
    writer = SummaryWriter(os.path.join(folder, "made"))
    for step in range(5):
        add(writer, step)
    writer.flush()
    calls = []
    start = time.perf_counter()
    for step in range(count):
        before = time.perf_counter()
        add(writer, step)
        calls.append(time.perf_counter() - before)
    writer.close()
    whole = time.perf_counter() - start
    return {"caller": statistics.median(calls) * 1e6, "whole": whole * 1e6 / count}


if what == "scalars":
    scalars(count // 10, "warm")
    result = scalars(count, "scalars")
elif what == "histogram":
    values = np.fromfile(sys.argv[4], dtype=np.float32)
    result = made(lambda writer, step: writer.add_histogram("weights", values, step))
else:
    pixels = np.fromfile(sys.argv[4], dtype=np.uint8).reshape(SIDE, SIDE, 3)
    result = made(lambda writer, step: writer.add_image("sample", pixels, step, dataformats="HWC"))
print(json.dumps(result))
