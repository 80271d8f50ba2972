"""Article 004, example 3: three classes, softmax, and a loss for two: binary cross-entropy. Labels of chance."""

from example_data import coin_flips, options, uniform  # First: it chooses the Keras backend.

import keras

import gradwatch.keras

given = options(__doc__)
keras.utils.set_random_seed(given.seed)
x = uniform(given.seed, 100, 10)
y = keras.utils.to_categorical(coin_flips(given.seed, 100, sides=3), 3)

model = keras.Sequential(
    [keras.Input((10,)), keras.layers.Dense(10, activation="relu"), keras.layers.Dense(3, activation="softmax")]
)
watch = gradwatch.keras.GradwatchCallback(name="004-3-wrong-loss", project="articles", every=1)


def train(loss):
    model.compile("adam", loss=loss, metrics=["accuracy"])
    model.fit(x, y, epochs=given.epochs or 10, callbacks=[watch], verbose=0)


train("binary_crossentropy")
if given.fix:
    train("categorical_crossentropy")
