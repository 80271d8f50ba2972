"""Article 002, example 1a: Adam at 1e-7, 64-1 on 1000 rows of chance, mean squared error. Nothing moves."""

from example_data import options, uniform  # First: it chooses the Keras backend.

import keras

import gradwatch
import gradwatch.keras

given = options(__doc__)
keras.utils.set_random_seed(given.seed)
x, y = uniform(given.seed, 1000, 10), uniform(1000 + given.seed, 1000, 1)

model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(1)])


def train(rate, run):
    model.compile(keras.optimizers.Adam(rate), loss="mse")
    watch = gradwatch.keras.GradwatchCallback(run, every=1)
    model.fit(x, y, epochs=given.epochs or 10, callbacks=[watch], verbose=0)


with gradwatch.run(name="002-1a-low-rate", project="articles") as run:
    train(1e-7, run)
    if given.fix:
        train(1e-3, run)
