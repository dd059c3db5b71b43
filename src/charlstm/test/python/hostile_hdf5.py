"""Writes weights of Keras, and after them files that look like these and are not, into a folder."""
import os
import sys

import h5py
import numpy as np

FOLDER = sys.argv[1]
KERNEL = np.ones((5, 12), "f4")


def weights(name, change):
    with h5py.File(os.path.join(FOLDER, name + ".h5"), "w") as file:
        file.attrs["layer_names"] = np.array([b"lstm", b"dense"])
        file.attrs["keras_version"] = b"2.3.1"
        lstm, dense = file.create_group("lstm"), file.create_group("dense")
        lstm.attrs["weight_names"] = np.array([b"kernel:0", b"recurrent_kernel:0", b"bias:0"])
        lstm["kernel:0"] = KERNEL
        lstm["recurrent_kernel:0"] = np.ones((3, 12), "f4")
        lstm["bias:0"] = np.ones(12, "f4")
        dense.attrs["weight_names"] = np.array([b"kernel:0", b"bias:0"])
        dense["kernel:0"] = np.ones((3, 5), "f4")
        dense["bias:0"] = np.ones(5, "f4")
        change(file)


def replaced(**options):
    def change(file):
        del file["lstm/kernel:0"]
        file["lstm"].create_dataset("kernel:0", **options)
    return change


def linked(link):
    def change(file):
        del file["lstm/kernel:0"]
        file["lstm/kernel:0"] = link
    return change


def attribute(path, name, value):
    def change(file):
        file[path].attrs[name] = value
    return change


def cycle(file):
    file["lstm"]["lstm"] = file["lstm"]
    file["lstm"].attrs["weight_names"] = np.array([b"lstm/" * 200 + b"kernel:0"])


def deep(file):
    group = file["lstm"]
    for _ in range(200):
        group = group.create_group("g")
    file["lstm"].attrs["weight_names"] = np.array([b"g/" * 200 + b"kernel:0"])


def long_names(file):
    file.attrs["layer_names"] = [("x" * 500_000) for _ in range(200)]


weights("right", lambda file: None)
weights("huge", replaced(shape=(1 << 30, 1 << 30), dtype="f4"))
weights("large", replaced(shape=(1 << 20, 12), dtype="f4"))
weights("chunked", replaced(data=KERNEL, chunks=(5, 12), compression="gzip"))
weights("bomb", replaced(shape=(1 << 14, 1 << 14), dtype="f4", chunks=(1 << 10, 1 << 10), compression="gzip"))
weights("integers", replaced(data=KERNEL.astype("i4")))
weights("strings", replaced(data=np.full((5, 12), b"x")))
weights("empty", replaced(shape=(0, 12), dtype="f4"))
weights("rank", replaced(data=np.ones((1, 1, 1, 1, 60), "f4")))
weights("scalar", replaced(data=np.float32(1)))
weights("soft", linked(h5py.SoftLink("/lstm/kernel:0")))
weights("external", linked(h5py.ExternalLink("right.h5", "/lstm/kernel:0")))
weights("cycle", cycle)
weights("deep", deep)
weights("names", attribute("/", "layer_names", np.ones(3)))
weights("matrix", attribute("/", "layer_names", np.full((2, 2), b"lstm")))
weights("many", attribute("/", "layer_names", np.full(20_000, b"l")))
weights("missing", attribute("/", "layer_names", np.array([b"lstm", b"dense", b"gone"])))
weights("twice", attribute("/", "layer_names", np.array([b"lstm"] * 9_000)))
weights("version", attribute("/", "keras_version", 2.3))
weights("config", attribute("/", "model_config", np.ones(3)))
weights("absent", attribute("/lstm", "weight_names", np.array([b"kernel:0", b"gone\n", b"bias:0"])))
weights("group", attribute("/", "layer_names", np.array([b"lstm/kernel:0"])))
weights("number", attribute("/", "nb_layers", -1))
weights("numbers", attribute("/", "nb_layers", 1 << 60))
weights("long", long_names)
