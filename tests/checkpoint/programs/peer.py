"""The other side: `peer.py read FILE` prints every tensor as dtype, shape and bytes; `peer.py write FILE` writes what CASES lists."""
import json
import sys

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

command, file = sys.argv[1:3]


def described(array):
    return {"dtype": str(array.dtype), "shape": list(array.shape), "hex": np.ascontiguousarray(array).tobytes().hex()}


def read():
    with safe_open(file, framework="np") as opened:
        tensors = {name: described(opened.get_tensor(name)) for name in opened.keys()}
        return {"metadata": opened.metadata(), "tensors": tensors}


def write():
    """Every dtype, with the values that are easy to lose; prints what it wrote, as `read` would."""
    specials = np.array([0x7F800001, 0xFFC0BEEF, 0x7F800000, 0xFF800000, 0x80000000, 0x00000001], dtype=np.uint32)
    doubles = np.array([0x7FF8DEADBEEF0001, 0xFFF0000000000000, 0x8000000000000000, 1], dtype=np.uint64)
    arrays = {
        "f32.specials": specials.view(np.float32),
        "f64.specials": doubles.view(np.float64),
        "i64": np.array([-(2**63), 2**63 - 1, 0], dtype=np.int64),
        "i32": np.array([[-(2**31), 2**31 - 1]], dtype=np.int32),
        "i16": np.array([-(2**15), 2**15 - 1], dtype=np.int16),
        "i8": np.array([-128, 127, -1], dtype=np.int8),
        "u8": np.arange(256, dtype=np.uint8).reshape(2, 128),
        "u16": np.array([0, 2**16 - 1], dtype=np.uint16),
        "u32": np.array([0, 2**32 - 1], dtype=np.uint32),
        "bool": np.array([True, False, True]),
        "scalar": np.array(0.1, dtype=np.float32),
        "empty": np.zeros((0, 3), dtype=np.float32),
        "名前/层.ü🙂": np.array([1.5, -2.5], dtype=np.float32),
        'quote"back\\slash\nline': np.array([3], dtype=np.int8),
    }
    save_file(arrays, file, metadata={"made by": "Python"})
    return {"metadata": {"made by": "Python"}, "tensors": {name: described(array) for name, array in arrays.items()}}


def half():
    save_file({"half": np.array([1, 2], dtype=np.float16)}, file)


print(json.dumps({"read": read, "write": write, "half": half}[command]()))
