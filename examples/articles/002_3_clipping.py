"""Article 002, example 3: simple recurrent layers of 64 and 1 on ten time steps, without and with clipping. Nothing explodes."""

from example_data import options, uniform  # First: it chooses the Keras backend.

import keras

import gradwatch.keras

given = options(__doc__)
x, y = uniform(given.seed, 1000, 10, 1), uniform(1000 + given.seed, 1000, 1)

for name, clipnorm in (("unclipped", None), ("clipped", 1.0)):
    keras.utils.set_random_seed(given.seed)
    model = keras.Sequential(
        [keras.Input((10, 1)), keras.layers.SimpleRNN(64, return_sequences=True), keras.layers.SimpleRNN(1)]
    )
    model.compile(keras.optimizers.Adam(clipnorm=clipnorm), loss="mse")
    watch = gradwatch.keras.GradwatchCallback(name=f"002-3-{name}", project="articles", every=1)
    model.fit(x, y, epochs=given.epochs or 10, callbacks=[watch], verbose=0)
