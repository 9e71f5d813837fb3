"""Checkpoints and wheels as TensorFlow and PyPI have them, made for tests; the other way round than `learned` reads."""

import struct
import zipfile

import numpy as np

from workbench.learned.checkpoint import crc32c
from workbench.learned.network import NETWORKS, shapes


def varint(number):
    out = bytearray()
    while number >= 128:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def field(number, value):
    """A protobuf field: an int as varint, four bytes of a checksum as ("fixed", n), else bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, tuple):
        return varint(number << 3 | 5) + struct.pack("<I", value[1])
    return varint(number << 3 | 2) + varint(len(value)) + value


def masked(data):
    checksum = crc32c(data)
    return ((checksum >> 15 | checksum << 17) + 0xA282EAD8) & 0xFFFFFFFF


def block(pairs, compression=b"\0"):
    """A block with its trailer, keys shortened by what they share with the one before."""
    body, before = b"", b""
    for key, value in pairs:
        shared = next((n for n in range(len(before)) if key[: n + 1] != before[: n + 1]), len(before))
        body += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        before = key
    return signed(body + struct.pack("<II", 0, 1), compression)


def signed(body, compression=b"\0"):
    """A block's body with its trailer."""
    return body + compression + struct.pack("<I", masked(body + compression))


def entry(shape, offset, data, **more):
    """A BundleEntryProto; `more` has other values for dtype, size or checksum, or field numbers after "f"."""
    dims = b"".join(field(2, field(1, size)) for size in shape)
    message = field(1, more.get("dtype", 1)) + field(2, dims) + field(4, offset)
    message += field(5, more.get("size", len(data))) + field(6, ("fixed", more.get("checksum", masked(data))))
    return message + b"".join(field(int(name[1:]), value) for name, value in more.items() if name[0] == "f")


HEADER = (b"", field(1, 1) + field(3, field(1, 1)))


def index_of(*blocks, handles=None, table=None):
    """An index of blocks; `handles` says otherwise where they lie, `table` is the block of handles itself."""
    body, found = b"", []
    for part in blocks:
        found.append((len(body), len(part) - 5))
        body += part
    pairs = [(b"%05d" % n, varint(at) + varint(size)) for n, (at, size) in enumerate(handles or found)]
    meta, table = block([]), table or block(pairs)
    ends = varint(len(body)) + varint(len(meta) - 5) + varint(len(body) + len(meta)) + varint(len(table) - 5)
    return body + meta + table + ends.ljust(40, b"\0") + bytes.fromhex("57fb808b247547db")


def checkpoint(variables):
    """Index and data of variables, in two blocks."""
    data, pairs = b"", [HEADER]
    for name, array in sorted(variables.items()):
        own = np.asarray(array, "<f4").tobytes()
        pairs.append((name.encode(), entry(np.shape(array), len(data), own)))
        data += own
    return index_of(block(pairs[:2]), block(pairs[2:])), data


def weights(seed):
    """Made variables of one network, a third of the filters put out, some turned round by a negative gamma."""
    random = np.random.default_rng(seed)
    made = {}
    for name, shape in shapes().items():
        array = random.standard_normal(shape)
        if name.endswith("kernel"):
            array /= np.sqrt(np.prod(shape[:-1]))
            if name.startswith("conv2d"):
                array[..., ::3] *= 1e-12
        if name.endswith("variance"):
            array = array**2 + 0.5
        made[name] = array.astype(np.float32)
    return made


def wheel(path, networks):
    """A wheel that holds networks (a list of variables, with training's own among them) where musicnn's has them."""
    info = "musicnn-0.1.0.dist-info"
    with zipfile.ZipFile(path, "w") as file:
        for name, variables in zip(NETWORKS, networks, strict=True):
            index, data = checkpoint(variables | {"beta1_power": 0.0, "dense/kernel/Adam": np.ones(3)})
            file.writestr(f"musicnn/{name}/.index", index)
            file.writestr(f"musicnn/{name}/.data-00000-of-00001", data)
        file.writestr(f"{info}/LICENSE.md", "Permission to use is granted.")
        file.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: musicnn\nVersion: 0.1.0\n")
        file.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: made\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(f"{info}/RECORD", "")
    return path
