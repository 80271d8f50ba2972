"""Article 000, example 1: Adam at a learning rate of 1e-10. The gradients are fine, the weights stay where they are."""

from example_data import digits, options  # First: it chooses the Keras backend.

import keras

import gradwatch.keras

given = options(__doc__)
keras.utils.set_random_seed(given.seed)
x, y, x_val, y_val = digits(given.seed)

model = keras.Sequential(
    [
        keras.Input((64,)),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
watch = gradwatch.keras.GradwatchCallback(name="000-1-low-rate", project="articles", every=1)


def train(rate):
    model.compile(keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, validation_data=(x_val, y_val), epochs=given.epochs or 10, callbacks=[watch], verbose=0)


train(rate=1e-10)
if given.fix:
    train(rate=1e-3)
