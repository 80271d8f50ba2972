"""Article 002, example 2: one hidden layer of 64, with sigmoid and with ReLU. The gradient of one sigmoid layer does not vanish."""

from example_data import options, uniform  # First: it chooses the Keras backend.

import keras

import gradwatch.keras

given = options(__doc__)
x, y = uniform(given.seed, 1000, 10), uniform(1000 + given.seed, 1000, 1)

for activation in ("sigmoid", "relu"):
    keras.utils.set_random_seed(given.seed)
    model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(64, activation=activation), keras.layers.Dense(1)])
    model.compile("adam", loss="mse")
    watch = gradwatch.keras.GradwatchCallback(name=f"002-2-{activation}", project="articles", every=1)
    model.fit(x, y, epochs=given.epochs or 10, callbacks=[watch], verbose=0)
