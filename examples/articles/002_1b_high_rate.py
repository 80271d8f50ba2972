"""Article 002, example 1b: Adam at 10, 64-1 on 1000 rows of chance, mean squared error.

The loss of every epoch is lower than the one before, and all are far above the loss of the first step.
"""

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


with gradwatch.run(name="002-1b-high-rate", project="articles") as run:
    train(10.0, run)
    if given.fix:
        for layer in model.layers:  # From before the first step: these weights are lost.
            layer.kernel.assign(keras.initializers.GlorotUniform()(layer.kernel.shape))
            layer.bias.assign(0 * layer.bias)
        train(1e-3, run)
