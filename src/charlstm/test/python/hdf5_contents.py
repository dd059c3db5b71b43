"""Prints what h5py reads of an HDF5 file: attributes, and float arrays by their path, as JSON."""
import json
import sys

import h5py


def plain(value):
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.decode() if isinstance(value, bytes) else value


contents = {"attributes": {}, "arrays": {}}
with h5py.File(sys.argv[1], "r") as file:
    def visit(path, node):
        contents["attributes"][path] = {name: plain(value) for name, value in node.attrs.items()}
        if isinstance(node, h5py.Dataset):
            assert node.dtype == "<f4", (path, node.dtype)
            contents["arrays"][path] = {"shape": list(node.shape), "values": node[()].astype(float).ravel().tolist()}

    visit("", file)
    file.visititems(visit)
print(json.dumps(contents))
