"""Article 001, example 1: 100 rows of chance, labels of chance, 128-128-1: it can be learned by heart, and nothing else."""

from example_data import coin_flips, options, uniform  # First: it chooses the Keras backend.

import keras

import gradwatch.keras

given = options(__doc__)
keras.utils.set_random_seed(given.seed)
x, y = uniform(given.seed, 150, 10), coin_flips(given.seed, 150)

model = keras.Sequential(
    [
        keras.Input((10,)),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile("adam", loss="binary_crossentropy", metrics=["accuracy"])
watch = gradwatch.keras.GradwatchCallback(name="001-1-random-labels", project="articles", every=4)
model.fit(
    x[:100], y[:100], validation_data=(x[100:], y[100:]), epochs=given.epochs or 500, callbacks=[watch], verbose=0
)
