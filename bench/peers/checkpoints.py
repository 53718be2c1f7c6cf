"""Checkpoint writers: `checkpoints.py <safetensors|torch|orbax> <MB> <dir>` prints the time of one save and one load, in ms."""
import json
import os
import shutil
import sys
import time

import numpy as np

peer, megabytes, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
TENSORS = 20
floats = int(megabytes * 1e6 / 4 / TENSORS)
arrays = {f"layers.{i}.weight": np.arange(floats, dtype=np.float32) * 0.001 + i for i in range(TENSORS)}
os.makedirs(folder, exist_ok=True)


def sync(path):
    fd = os.open(path, os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)


def milliseconds(start):
    return (time.perf_counter() - start) * 1000


def safetensors(path):
    from safetensors.numpy import load_file, save_file

    def save():
        save_file(arrays, path)
        sync(path)

    return save, lambda: load_file(path)


def torch(path):
    import torch

    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}

    def save():
        torch.save(tensors, path)
        sync(path)

    return save, lambda: torch.load(path)


def blocking(make):
    path = os.path.join(folder, peer)
    save, load = make(path)
    for _ in range(2):  # the first warms up
        start = time.perf_counter()
        save()
        durable = milliseconds(start)
        start = time.perf_counter()
        load()
        loaded = milliseconds(start)
        os.remove(path)
    return {"stall": durable, "durable": durable, "load": loaded}


def orbax():
    import jax.numpy as jnp
    import orbax.checkpoint as ocp

    state = {name.replace(".", "_"): jnp.asarray(array) for name, array in arrays.items()}
    checkpointer = ocp.AsyncCheckpointer(ocp.StandardCheckpointHandler())
    for i in range(2):
        path = os.path.join(os.path.abspath(folder), f"orbax-{i}")
        start = time.perf_counter()
        checkpointer.save(path, args=ocp.args.StandardSave(state))
        stall = milliseconds(start)
        checkpointer.wait_until_finished()
        durable = milliseconds(start)
        start = time.perf_counter()
        checkpointer.restore(path)
        loaded = milliseconds(start)
        shutil.rmtree(path)
    checkpointer.close()
    return {"stall": stall, "durable": durable, "load": loaded}


print(json.dumps(orbax() if peer == "orbax" else blocking({"safetensors": safetensors, "torch": torch}[peer])))
