"""Article 001, example 3a: Adam at 1e-5, labels of chance, 64-32-1: a rate that would take ages on any labels."""

from example_data import coin_flips, options, uniform  # First: it chooses the Keras backend.

import keras

import gradwatch.keras

given = options(__doc__)
keras.utils.set_random_seed(given.seed)
x, y = uniform(given.seed, 1500, 10), coin_flips(given.seed, 1500)

model = keras.Sequential(
    [
        keras.Input((10,)),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(keras.optimizers.Adam(1e-5), loss="binary_crossentropy", metrics=["accuracy"])
watch = gradwatch.keras.GradwatchCallback(name="001-3a-low-rate", project="articles", every=10)
model.fit(
    x[:1000], y[:1000], validation_data=(x[1000:], y[1000:]), epochs=given.epochs or 500, callbacks=[watch], verbose=0
)
