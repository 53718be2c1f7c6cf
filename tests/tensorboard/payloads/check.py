"""Compares the payloads in a directory with what the tensorboard package makes of the same input.

usage: check.py <cases.json>, a list of {name, kind, files, ...input}. Prints a JSON object: what is wrong, by name; {} when nothing is.
"""

import base64
import html.parser
import io
import json
import os
import struct
import sys
import types
import wave
import zlib

import numpy as np
from google.protobuf import json_format
from tensorboard import data_compat, dataclass_compat, plugin_util
from tensorboard.compat.proto import event_pb2, graph_pb2, summary_pb2
from tensorboard.util import tensor_util


def pretend_tensorflow():
    """The builders of some plugins import TensorFlow for three names; the package has its own of each."""
    v1 = types.ModuleType("tensorflow.compat.v1")
    v1.make_tensor_proto = tensor_util.make_tensor_proto
    v1.Summary = summary_pb2.Summary
    v1.SummaryMetadata = summary_pb2.SummaryMetadata
    v1.string, v1.float32 = np.object_, np.float32
    compat = types.ModuleType("tensorflow.compat")
    compat.v1 = v1
    root = types.ModuleType("tensorflow")
    root.compat = compat
    sys.modules.update({"tensorflow": root, "tensorflow.compat": compat, "tensorflow.compat.v1": v1})


def migrated(value):
    """A value as TensorBoard keeps it after reading: with its data class, old forms converted."""
    event = event_pb2.Event(step=1, summary=summary_pb2.Summary(value=[value]))
    event = data_compat.migrate_event(event)
    (event,) = dataclass_compat.migrate_event(event, {})
    return event.summary.value[0]


def same_value(ours, real):
    real = migrated(real)
    real.metadata.display_name = ""
    assert ours.tag == real.tag, (ours.tag, real.tag)
    assert ours.metadata == real.metadata, f"metadata {ours.metadata} is not {real.metadata}"
    same_tensor(ours.tensor, real.tensor)


def same_tensor(ours, real):
    assert ours.dtype == real.dtype and ours.tensor_shape == real.tensor_shape, f"{ours.tensor_shape} is not {real.tensor_shape}"
    left, right = tensor_util.make_ndarray(ours), tensor_util.make_ndarray(real)
    assert left.tobytes() == right.tobytes() if left.dtype != object else left.tolist() == right.tolist(), f"{left} is not {right}"


def numbers(case, key):
    return np.frombuffer(base64.b64decode(case[key]["bytes"]), dtype=case[key]["dtype"])


def histogram(case, values):
    from tensorboard.plugins.histogram import summary_v2

    data = numbers(case, "values").astype(float)
    (real,) = summary_v2.histogram_pb(case["tag"], data[np.isfinite(data)], case["buckets"]).value
    same_value(values[0], real)


def tf1(case, values):
    """histogram.cc in numpy, then what TensorBoard makes of such a proto (in float32)."""
    data = numbers(case, "values").astype(float)
    data = data[np.isfinite(data)]
    limits, limit = [], 1.0e-12
    while limit < 1.0e20:
        limits.append(limit)
        limit *= 1.1
    limits.append(sys.float_info.max)
    limits = np.array([-x for x in reversed(limits)] + [0.0] + limits)
    counts = np.bincount(np.searchsorted(limits, data, side="right"), minlength=len(limits))
    proto = summary_pb2.HistogramProto(min=data.min(), max=data.max(), num=len(data), sum=data.sum(), sum_squares=data.dot(data))
    i = 0
    while i < len(limits):
        end, count = limits[i], counts[i]
        i += 1
        while count == 0 and i < len(limits) and counts[i] == 0:
            end = limits[i]
            i += 1
        proto.bucket_limit.append(end)
        proto.bucket.append(count)
    real = migrated(summary_pb2.Summary.Value(tag=case["tag"], histo=proto))
    ours = tensor_util.make_ndarray(values[0].tensor)
    assert ours.dtype == np.float64
    with np.errstate(over="ignore"):
        assert np.array_equal(ours.astype(np.float32), tensor_util.make_ndarray(real.tensor)), f"{ours} is not {real}"
    assert ours[:, 2].sum() == len(data)


def unpack_png(data):
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed, header, kinds = 8, b"", None, []
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        (crc,) = struct.unpack(">I", data[at + 8 + length : at + 12 + length])
        assert crc == zlib.crc32(kind + body)
        kinds.append(kind)
        if kind == b"IHDR":
            header = struct.unpack(">IIBBBBB", body)
        if kind == b"IDAT":
            packed += body
        at += 12 + length
    assert kinds[0] == b"IHDR" and kinds[-1] == b"IEND" and at == len(data)
    width, height, depth, colours, *rest = header
    assert depth == 8 and rest == [0, 0, 0]
    channels = {0: 1, 2: 3, 6: 4}[colours]
    rows = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, 1 + width * channels)
    assert set(rows[:, 0]) <= {0, 2}
    pixels, above = [], np.zeros(width * channels, np.uint8)
    for row in rows:
        above = row[1:] + above if row[0] == 2 else row[1:]
        pixels.append(above)
    return np.array(pixels).reshape(height, width, channels)


def image(case, values):
    strings = tensor_util.make_ndarray(values[0].tensor).tolist()
    assert values[0].metadata.plugin_data.plugin_name == "images" and values[0].metadata.data_class == 3
    assert [int(s) for s in strings[:2]] == [case["width"], case["height"]]
    for picture in strings[2:]:
        pixels = unpack_png(picture)
        assert pixels.shape == (case["height"], case["width"], case["channels"])
        assert np.array_equal(pixels.ravel(), numbers(case, "pixels"))


def text(case, values):
    from tensorboard.plugins.text import summary_v2

    (real,) = summary_v2.text_pb(case["tag"], case["text"]).value
    same_value(values[0], real)


class Cells(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.rows, self.open = [], False

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.open = True
        elif tag == "br":
            self.rows[-1][-1] += "\n"
        else:
            assert tag in ("table", "thead", "tbody"), f"unexpected <{tag}>"

    def handle_endtag(self, tag):
        self.open = self.open and tag not in ("td", "th")

    def handle_data(self, data):
        if self.open:
            self.rows[-1][-1] += data


def table(case, values):
    markdown = tensor_util.make_ndarray(values[0].tensor).item()
    cells = Cells()
    cells.feed(plugin_util.markdown_to_safe_html(markdown))
    assert cells.rows == case["rows"], f"{cells.rows} from {markdown!r}"


def audio(case, values):
    from tensorboard.plugins.audio import metadata

    real = metadata.create_summary_metadata(None, "", metadata.Encoding.Value("WAV"))
    real.data_class = summary_pb2.DATA_CLASS_BLOB_SEQUENCE
    assert values[0].metadata == real, f"{values[0].metadata} is not {real}"
    (data,) = tensor_util.make_ndarray(values[0].tensor).tolist()
    with wave.open(io.BytesIO(data)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (case["channels"], 2, case["rate"])
        assert np.frombuffer(sound.readframes(sound.getnframes()), "<i2").tolist() == case["samples"]


def pr_curve(case, values):
    from tensorboard.plugins.pr_curve import summary

    labels, scores = numbers(case, "labels").astype(bool), numbers(case, "scores")
    (real,) = summary.pb(case["tag"], labels, scores, case["thresholds"]).value
    real.tag = case["tag"]
    same_value(values[0], real)


def hparams(case, values):
    from tensorboard.plugins.hparams import plugin_data_pb2, summary_v2

    (real,) = summary_v2.hparams_pb(case["hparams"], trial_id=case["group"], start_time_secs=case["time"]).value
    for value in (values[0], real):  # maps have no order: parsed and written in one
        start = plugin_data_pb2.HParamsPluginData.FromString(value.metadata.plugin_data.content)
        value.metadata.plugin_data.content = start.SerializeToString(deterministic=True)
    same_value(values[0], real)
    metrics = [summary_v2.Metric("val/loss"), summary_v2.Metric("loss", group="train")]
    (real,) = summary_v2.hparams_config_pb([], metrics, time_created_secs=case["time"]).value
    ours = plugin_data_pb2.HParamsPluginData.FromString(values[1].metadata.plugin_data.content)
    types_ = {info.name: info.type for info in ours.experiment.hparam_infos}
    assert types_ == {k: 2 if isinstance(v, bool) else 1 if isinstance(v, str) else 3 for k, v in case["hparams"].items()}
    domains = {info.name: [v.bool_value for v in info.domain_discrete.values] for info in ours.experiment.hparam_infos}
    assert domains == {k: [False, True] if isinstance(v, bool) else [] for k, v in case["hparams"].items()}
    del ours.experiment.hparam_infos[:]
    values[1].metadata.plugin_data.content = ours.SerializeToString()
    same_value(values[1], real)
    end = plugin_data_pb2.HParamsPluginData.FromString(values[2].metadata.plugin_data.content).session_end_info
    assert values[2].tag == "_hparams_/session_end_info" and (end.status, end.end_time_secs) == (1, case["time"])


def custom_scalars(case, values):
    from tensorboard.plugins.custom_scalar import layout_pb2, summary

    (real,) = summary.pb(json_format.ParseDict(case["layout"], layout_pb2.Layout())).value
    same_value(values[0], real)


def mesh(case, values):
    from tensorboard.plugins.mesh import metadata

    for value, (part, kind, data) in zip(values, [("VERTEX", 1, "vertices"), ("FACE", 2, "faces"), ("COLOR", 3, "colors")]):
        data = numbers(case, data)
        shape = [1, len(data) // 3, 3]
        meta = metadata.create_summary_metadata(case["tag"], None, kind, 14, shape, None, case["config"])
        tensor = tensor_util.make_tensor_proto(data.reshape(shape))
        real = summary_pb2.Summary.Value(tag=f"{case['tag']}_{part}", metadata=meta, tensor=tensor)
        same_value(value, real)


def graph(case, files):
    nodes = graph_pb2.GraphDef.FromString(files[0]).node
    seen = [
        {
            "name": node.name,
            "op": node.op,
            "inputs": list(node.input),
            "dtype": node.attr["dtype"].type,
            "shape": [dim.size for dim in node.attr["_output_shapes"].list.shape[0].dim],
        }
        for node in nodes
    ]
    assert seen == case["nodes"], f"{seen} is not {case['nodes']}"


KINDS = {f.__name__: f for f in [histogram, tf1, image, text, table, audio, pr_curve, hparams, custom_scalars, mesh, graph]}


def main(path):
    pretend_tensorflow()
    wrong = {}
    with open(path, encoding="utf-8") as file:
        cases = json.load(file)
    for case in cases:
        files = [open(os.path.join(os.path.dirname(path), name), "rb").read() for name in case["files"]]
        try:
            if case["kind"] != "graph":
                files = [summary_pb2.Summary.Value.FromString(data) for data in files]
            KINDS[case["kind"]](case, files)
        except Exception as error:
            wrong[case["name"]] = f"{type(error).__name__}: {error}"
    print(json.dumps(wrong))


main(sys.argv[1])
