"""Prints the events of a TensorBoard file as JSON, read with nothing but the formats' own descriptions.

events.py FILE. Checksums are computed bit by bit.
"""
import json
import struct
import sys

POLYNOMIAL = 0x82F63B78


def masked_crc(data):
    """CRC-32C (Castagnoli), masked as in a TFRecord."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (POLYNOMIAL if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    """The bytes of each record; what is wrong with one is an error."""
    at = 0
    while at < len(data):
        length, length_crc = struct.unpack_from("<QI", data, at)
        assert masked_crc(data[at:at + 8]) == length_crc, f"the checksum of the length at {at}"
        body = data[at + 12:at + 12 + length]
        assert len(body) == length, f"the record at {at} is cut short"
        (body_crc,) = struct.unpack_from("<I", data, at + 12 + length)
        assert masked_crc(body) == body_crc, f"the checksum of the record at {at}"
        yield body
        at += 16 + length


def varint(data, at):
    """A number and where the next field begins."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        shift += 7
        at += 1
        if byte < 0x80:
            return value, at


def fields(data):
    """The number and value of each field of a message."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        if tag & 7 == 0:
            value, at = varint(data, at)
        elif tag & 7 == 1:
            (value,) = struct.unpack_from("<d", data, at)
            at += 8
        elif tag & 7 == 5:
            (value,) = struct.unpack_from("<f", data, at)
            at += 4
        else:
            assert tag & 7 == 2, f"wire type {tag & 7}"
            length, at = varint(data, at)
            value = data[at:at + length]
            assert len(value) == length, "a field is cut short"
            at += length
        yield tag >> 3, value


def value_of(message):
    """A tag and what it has: a number, or texts."""
    parts = dict(fields(message))
    if 2 in parts:
        return {"tag": parts[1].decode(), "value": parts[2]}
    tensor = list(fields(parts[8]))
    assert (1, 7) in tensor, "not strings"
    sizes = [dict(fields(dim))[1] for shape in (v for n, v in tensor if n == 2) for n, dim in fields(shape) if n == 2]
    texts = [text.decode() for number, text in tensor if number == 8]
    assert sizes == [len(texts)], "a shape that is not the texts'"
    plugin = dict(fields(dict(fields(parts[9]))[1]))[1].decode()
    return {"tag": parts[1].decode(), "plugin": plugin, "texts": texts}


def event(message):
    """An event as an object."""
    parts = dict(fields(message))
    result = {"wall_time": parts[1], "step": parts.get(2, 0)}
    if 3 in parts:
        result["version"] = parts[3].decode()
    if 5 in parts:
        result["values"] = [value_of(value) for number, value in fields(parts[5]) if number == 1]
    return result


with open(sys.argv[1], "rb") as file:
    print(json.dumps([event(record) for record in records(file.read())]))
