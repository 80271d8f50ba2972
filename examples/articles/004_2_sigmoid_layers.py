"""Article 004, example 2: sigmoid layers of 128, 64 and 1. Three do not make the gradient vanish; eight of 32 do."""

from example_data import options, uniform  # First: it chooses the Keras backend.

import keras

import gradwatch.keras

given = options(__doc__)
x = uniform(given.seed, 1500, 10)
y = (x.sum(axis=1) > 5).astype("float32")
data = {"x": x[:1000], "y": y[:1000], "validation_data": (x[1000:], y[1000:]), "verbose": 0}


def train(units, activation, watch):
    keras.utils.set_random_seed(given.seed)
    hidden = [keras.layers.Dense(n, activation=activation) for n in units]
    model = keras.Sequential([keras.Input((10,)), *hidden, keras.layers.Dense(1, activation="sigmoid")])
    model.compile("adam", loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(**data, epochs=given.epochs or 10, callbacks=[watch])


three = gradwatch.keras.GradwatchCallback(name="004-2-three-layers", project="articles", every=1)
train([128, 64], "sigmoid", three)

eight = gradwatch.keras.GradwatchCallback(name="004-2-eight-layers", project="articles", every=1)
train([32] * 8, "sigmoid", eight)
if given.fix:
    train([32] * 8, "relu", eight)
