"""Writes matrices of many types and orders as .npy into a folder, or tells what a .npy file holds."""
import sys

import numpy as np

if sys.argv[1] == "write":
    folder = sys.argv[2]
    values = np.array([[0, 1, 2, 3], [4, 5, 6, 7], [1, 0, 1, 0]])
    for kind in ["<f4", "<f8", "<f2", ">f4", ">f8", ">f2", "i1", "<i2", ">i4", "<i8", "u1", "<u2", ">u4", "<u8"]:
        for order in "CF":
            name = f"{folder}/{kind.replace('<', 'l').replace('>', 'b')}-{order}.npy"
            np.save(name, np.array(values, dtype=kind, order=order))
            print(name)
    for version in [(1, 0), (2, 0), (3, 0)]:
        name = f"{folder}/version-{version[0]}.npy"
        with open(name, "wb") as file:
            np.lib.format.write_array(file, values.astype("f4"), version=version)
        print(name)
    np.save(f"{folder}/bool.npy", values > 3)
    np.save(f"{folder}/object.npy", np.array([[1, None]], dtype=object))
    np.save(f"{folder}/structured.npy", np.zeros((2, 2), dtype=[("a", "<f4"), ("b", "<i4")]))
    np.save(f"{folder}/complex.npy", np.zeros((2, 2), dtype="<c8"))
    np.save(f"{folder}/words.npy", np.array([["a", "bc"]]))
    np.savez(f"{folder}/archive.npz", features=values)
else:
    read = np.load(sys.argv[2])
    print(read.dtype.str, read.shape, read.flags.c_contiguous, read.ravel().tolist())
