"""Article 002, example 1b: Adam at 10, 64-1 on 1000 rows of chance, mean squared error.

The loss of every epoch is lower than the one before, and all are far above the loss of the first step.
"""

from example_data import options, uniform  # First: it chooses the Keras backend.

import keras

import gradwatch.keras

given = options(__doc__)
keras.utils.set_random_seed(given.seed)
x, y = uniform(given.seed, 1000, 10), uniform(1000 + given.seed, 1000, 1)

model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(1)])
watch = gradwatch.keras.GradwatchCallback(name="002-1b-high-rate", project="articles", every=1)


def train(rate):
    model.compile(keras.optimizers.Adam(rate), loss="mse")
    model.fit(x, y, epochs=given.epochs or 10, callbacks=[watch], verbose=0)


train(rate=10.0)
if given.fix:
    for layer in model.layers:  # From before the first step: these weights are lost.
        layer.kernel.assign(keras.initializers.GlorotUniform()(layer.kernel.shape))
        layer.bias.assign(0 * layer.bias)
    train(rate=1e-3)
