"""What Keras itself makes of a model: one of its own, kept in resources/keras, or an export.

keras_peer.py make FOLDER                  writes every_kind.keras, every_kind.h5 and probabilities.json
keras_peer.py load MODEL WEIGHTS -- ID...  prints the probabilities after each id, of the model, and of it with the
                                           weights loaded once more; as JSON
"""
import json
import sys

import keras
import numpy
from keras import layers


def probabilities(model, ids):
    # An input of 3 axes is one-hot.
    ids = numpy.array([ids])
    x = numpy.eye(model.input_shape[-1], dtype="float32")[ids] if len(model.input_shape) == 3 else ids
    return model.predict(x, verbose=0)[0].flatten().tolist()


def make(folder):
    random = numpy.random.default_rng(7)
    model = keras.Sequential([
        keras.Input((9,), dtype="int32"), layers.Embedding(7, 3), layers.SpatialDropout1D(0.1),
        layers.LSTM(4, return_sequences=True, dropout=0.2), layers.Dropout(0.25), layers.LSTM(3, return_sequences=True),
        layers.TimeDistributed(layers.Dense(5)), layers.Dropout(0.125), layers.Activation("relu"),
        layers.BatchNormalization(momentum=0.9, epsilon=0.01), layers.Dense(4, activation="tanh"),
        layers.BatchNormalization(center=False), layers.Dense(7), layers.Dropout(0.5), layers.Activation("softmax")])
    for layer in model.layers:
        layer.set_weights([random.uniform(0.1, 1.5, one.shape) if isinstance(layer, layers.BatchNormalization)
                           else random.uniform(-1, 1, one.shape) for one in layer.get_weights()])
    model.save(folder + "/every_kind.keras")
    model.save(folder + "/every_kind.h5")
    ids = [5, 0, 1, 4, 3, 2, 6, 6, 0]
    with open(folder + "/probabilities.json", "w") as file:
        json.dump({"keras": keras.__version__, "ids": ids, "probabilities": probabilities(model, ids)}, file)


if sys.argv[1] == "make":
    make(sys.argv[2])
else:
    loaded = keras.models.load_model(sys.argv[2], compile=False)
    ids = [int(one) for one in sys.argv[5:]]
    first = probabilities(loaded, ids)
    for layer in loaded.layers:
        layer.set_weights([0 * one for one in layer.get_weights()])
    loaded.load_weights(sys.argv[3])
    print(json.dumps([first, probabilities(loaded, ids)]))
