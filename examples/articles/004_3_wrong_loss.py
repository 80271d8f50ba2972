"""Article 004, example 3: three classes, softmax, and a loss for two: binary cross-entropy. Labels of chance."""

from example_data import coin_flips, options, uniform  # First: it chooses the Keras backend.

import keras

import gradwatch
import gradwatch.keras

given = options(__doc__)
keras.utils.set_random_seed(given.seed)
x = uniform(given.seed, 100, 10)
y = keras.utils.to_categorical(coin_flips(given.seed, 100, sides=3), 3)

model = keras.Sequential(
    [keras.Input((10,)), keras.layers.Dense(10, activation="relu"), keras.layers.Dense(3, activation="softmax")]
)


def train(loss, run):
    model.compile("adam", loss=loss, metrics=["accuracy"])
    watch = gradwatch.keras.GradwatchCallback(run, every=1)
    model.fit(x, y, epochs=given.epochs or 10, callbacks=[watch], verbose=0)


with gradwatch.run(name="004-3-wrong-loss", project="articles") as run:
    train("binary_crossentropy", run)
    if given.fix:
        train("categorical_crossentropy", run)
