"""Article 004, example 2: sigmoid layers of 128, 64 and 1. Three do not make the gradient vanish; eight of 32 do."""

from example_data import options, uniform  # First: it chooses the Keras backend.

import keras

import gradwatch
import gradwatch.keras

given = options(__doc__)
x = uniform(given.seed, 1500, 10)
y = (x.sum(axis=1) > 5).astype("float32")
data = {"x": x[:1000], "y": y[:1000], "validation_data": (x[1000:], y[1000:]), "verbose": 0}


def train(units, activation, run):
    keras.utils.set_random_seed(given.seed)
    hidden = [keras.layers.Dense(n, activation=activation) for n in units]
    model = keras.Sequential([keras.Input((10,)), *hidden, keras.layers.Dense(1, activation="sigmoid")])
    model.compile("adam", loss="binary_crossentropy", metrics=["accuracy"])
    watch = gradwatch.keras.GradwatchCallback(run, every=1)
    model.fit(**data, epochs=given.epochs or 10, callbacks=[watch])


with gradwatch.run(name="004-2-three-layers", project="articles") as run:
    train([128, 64], "sigmoid", run)

with gradwatch.run(name="004-2-eight-layers", project="articles") as run:
    train([32] * 8, "sigmoid", run)
    if given.fix:
        train([32] * 8, "relu", run)
