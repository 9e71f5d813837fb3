"""Checkpoints as TensorFlow writes them, whole, damaged and hostile."""

import checkpoints
import numpy as np
import pytest

from workbench.errors import ModelError
from workbench.learned.checkpoint import crc32c, read_checkpoint

FEW = {"conv2d/bias": [1.0, -2.5], "conv2d/kernel": [[0.5, 3.0], [7.0, -1e-30]], "step": 4.0, "z": np.zeros((0, 2))}
ONE = bytes(4)
HEADER_BLOCK = checkpoints.block([checkpoints.HEADER])


def test_a_checksum_of_the_standard():
    assert crc32c(b"123456789") == 0xE3069283  # the check value of CRC-32C


def test_a_checkpoint_is_read_as_it_was_written():
    found = read_checkpoint(*checkpoints.checkpoint(FEW))
    assert {name: (array.dtype, array.tolist()) for name, array in found.items()} == {
        name: (np.float32, np.asarray(array, np.float32).tolist()) for name, array in FEW.items()
    }
    assert list(read_checkpoint(*checkpoints.checkpoint(FEW), "step".__eq__)) == ["step"]


def test_damage_anywhere_is_an_error_or_does_not_matter():
    index, data = checkpoints.checkpoint(FEW)
    whole = read_checkpoint(index, data)
    errors = 0
    for place in range(len(index)):
        for bits in (1, 128, 255):
            bad = bytearray(index)
            bad[place] ^= bits
            try:
                found = read_checkpoint(bytes(bad), data)
            except ModelError:
                errors += 1
            else:  # the meta index, which nobody reads, and the padding
                assert all(np.array_equal(found[name], whole[name]) for name in whole)
    assert errors > 2 * len(index)


def test_what_is_cut_off_is_an_error():
    index, data = checkpoints.checkpoint(FEW)
    for length in range(len(index)):
        with pytest.raises(ModelError):
            read_checkpoint(index[:length], data)
        with pytest.raises(ModelError):
            read_checkpoint(index[-length:] if length else b"", data)
    for length in range(len(data)):
        with pytest.raises(ModelError):
            read_checkpoint(index, data[:length])


def test_damaged_data_is_an_error():
    index, data = checkpoints.checkpoint(FEW)
    with pytest.raises(ModelError, match="step: its checksum"):
        read_checkpoint(index, data[:-1] + b"\x01")


@pytest.mark.parametrize("what", ["variables", "handles"])
def test_any_byte_changed_under_good_checksums_ends_well(what):
    """So that every byte reaches the reader: no other error than ours, and no endless loop."""
    pairs = [checkpoints.HEADER, (b"conv2d/bias", checkpoints.entry([1], 0, ONE))]
    part = checkpoints.block(pairs)
    handle = checkpoints.varint(0) + checkpoints.varint(len(part) - 5)
    body = (part if what == "variables" else checkpoints.block([(b"00000", handle)]))[:-5]
    errors = 0
    for place in range(len(body)):
        for value in range(256):
            bad = checkpoints.signed(body[:place] + bytes([value]) + body[place + 1 :])
            index = checkpoints.index_of(bad) if what == "variables" else checkpoints.index_of(part, table=bad)
            try:
                read_checkpoint(index, ONE)
            except ModelError:
                errors += 1
    assert errors > 60 * len(body)


@pytest.mark.parametrize(
    ("index", "text"),
    [
        (checkpoints.index_of(checkpoints.block([checkpoints.HEADER], b"\x01")), "compressed"),
        (checkpoints.index_of(checkpoints.block([])[:-5], handles=[(2**40, 8)]), "beyond its end"),
        (checkpoints.index_of(HEADER_BLOCK, handles=[(0, 2**60)]), "beyond its end"),
        (checkpoints.index_of(HEADER_BLOCK, handles=[(0, len(HEADER_BLOCK) - 5)] * 9), "overlap"),
        (checkpoints.index_of(checkpoints.block([(b"", checkpoints.field(1, 2))])), "one little-endian data file"),
        (checkpoints.index_of(checkpoints.block([(b"a", checkpoints.HEADER[1])])), "one little-endian data file"),
        (checkpoints.index_of(checkpoints.block([(b"", b"\x0f")])), "damaged"),
        (checkpoints.index_of(checkpoints.block([(b"", b"\xff" * 20)])), "cut off"),
        (checkpoints.index_of(checkpoints.block([(b"", b"\x0a\x7f")])), "damaged"),
        (b"PK" * 50, "no table"),
        (b"", "no table"),
    ],
)
def test_hostile_tables(index, text):
    with pytest.raises(ModelError, match=text):
        read_checkpoint(index, ONE)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (checkpoints.entry([2**40], 0, ONE, size=2**42), "larger than the data"),
        (checkpoints.entry([2], 0, ONE), "does not fit"),
        (checkpoints.entry([2**63, 0], 0, b""), "does not fit"),
        (checkpoints.entry([1], 1, ONE), "does not fit"),
        (checkpoints.entry([1] * 9, 0, ONE), "no shape"),
        (checkpoints.entry([1], 0, ONE, f3=1), "not here"),
        (checkpoints.entry([1], 0, ONE, f7=b""), "no plain variable"),
        (checkpoints.entry([1], 0, ONE, checksum=1), "checksum"),
        (checkpoints.entry([1], 0, ONE, f4=b"ab"), "not here"),
        (checkpoints.entry([1], 0, ONE, f6=b""), "no plain variable"),
    ],
)
def test_hostile_entries(message, text):
    with pytest.raises(ModelError, match=text):
        read_checkpoint(checkpoints.index_of(checkpoints.block([checkpoints.HEADER, (b"a", message)])), ONE)


def test_variables_that_share_their_data_are_refused():
    """Else a small file could have the same megabytes read ten thousand times."""
    pairs = [(b"%d" % n, checkpoints.entry([1], 0, ONE)) for n in range(2)]
    with pytest.raises(ModelError, match="together are larger"):
        read_checkpoint(checkpoints.index_of(checkpoints.block([checkpoints.HEADER, *pairs])), ONE)


def test_other_types_are_left_out():
    pairs = [(b"a", checkpoints.entry([1], 0, ONE)), (b"step", checkpoints.entry([], 0, ONE, dtype=3))]
    assert list(read_checkpoint(checkpoints.index_of(checkpoints.block([checkpoints.HEADER, *pairs])), ONE)) == ["a"]
