"""The words of docs/why-is-my-loss-not-changing.md. Names in braces become the run's own numbers; 1 and 2 are its attempts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """One training: what one sees, which run shows it, what it was, what fixes it."""

    run: str
    script: str
    symptom: str
    text: str
    title: str = ""
    picture: str = ""
    alternative: str = ""
    remedy: str = ""
    change: str = ""
    after: str = ""
    drawn_epochs: int | None = None
    """How many epochs the picture shows; all when absent."""
    fixed: bool = False
    """Whether the script then trains on with the fault corrected."""


OPENING = """# Why is my loss not changing?

Small models, each with one fault, really trained with the Keras callback attached: what one sees, the curve with the moment at
which Gradwatch spoke, what it said, and what happened after the fix. The fix is the same run's next attempt.

This page is made by [`make_page.py`](../examples/articles/make_page.py): numbers, alerts and curves are of one training each, with
seed 1. [`run_all.py`](../examples/articles/run_all.py) trains all examples with as many seeds as you like and holds the alerts
against what they must be.
"""

SECTIONS = [
    Section(
        title="The learning rate is far too low",
        symptom="Loss and accuracy stand still from the first epoch on; nothing is NaN, nothing is zero",
        script="000_1_low_rate.py",
        run="000-1-low-rate",
        picture="low-rate",
        alternative="The loss is flat until the fix, then falls",
        text=(
            "128 ReLU units on 8 x 8 digits, Adam at 1e-10. The training loss goes from {first_loss1} to "
            "{last_loss1} in {epochs1} epochs. "
            "The gradient is healthy: its norm is about {norm1}, so it has not vanished. What is missing is the "
            "step: an update changes "
            "a layer by {update1} of its size. An eye on the loss alone cannot tell this from a model that cannot "
            "learn; update norm over "
            "weight norm can."
        ),
        remedy="A rate at which an update is about a thousandth of the weights. Here it became {update2} of them.",
        change='model.compile(keras.optimizers.Adam(1e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])',
        after="The loss fell to {last_loss2}, the validation accuracy rose to {val_accuracy2}.",
        fixed=True,
    ),
    Section(
        title="The inputs are not scaled",
        symptom="The first loss is several times what guessing would cost; later it hangs at odd values",
        script="000_3_unscaled_inputs.py",
        run="000-3-unscaled-inputs",
        picture="unscaled-inputs",
        alternative="The loss starts at many times ln 10 and stays high; with scaled inputs it falls at once",
        text=(
            "The same model on pixels from 0 to 255. The first batch costs {first_step_loss1}; ten classes cost "
            "2.30 when guessed. The "
            "softmax is saturated: in {zero_steps1} of all steps the gradient is exactly zero, and what is learned "
            "is learned in the few "
            "others."
        ),
        remedy="Divide by 255. The same weights train on:",
        change="model.fit(x_train / 255, y_train, validation_data=(x_val / 255, y_val), ...)",
        after="The loss fell to {last_loss2}, the validation accuracy is {val_accuracy2}.",
        fixed=False,
    ),
    Section(
        title="The inputs are so large that nothing moves at all",
        symptom="The loss is the same number, to the last digit, in every epoch",
        script="004_1_scaling.py",
        run="004-1-probability",
        picture="huge-inputs",
        alternative="The loss is a straight line until the inputs are scaled",
        text=(
            "Three rows around 1e10, one sigmoid unit, SGD. The sigmoid gives exactly 0 or 1, the loss is clipped, "
            "and its gradient is "
            "exactly zero in {zero_steps1} of the steps. With a loss from logits the picture is another one: the "
            "gradient is then about "
            "1e10, the loss 1e9 and more, and nothing is learned either; that run ends as `loss-divergence`, with "
            "the same cause."
        ),
        remedy="Zero mean and unit variance.",
        change="x = (x - x.mean()) / x.std()",
        after=(
            "The gradient is alive, and the loss moves from {first_loss2} to {last_loss2} in {epochs2} steps. It cannot get below "
            "0.637, the entropy of one in three: the row in the middle is the odd one out, and a single unit draws one line. What "
            "is left of the alerts says just that."
        ),
        fixed=True,
    ),
    Section(
        title="The learning rate is far too high",
        symptom="Every epoch's loss is lower than the one before, and the model is useless",
        script="002_1b_high_rate.py",
        run="002-1b-high-rate",
        picture="high-rate",
        alternative="The loss shoots up within the first steps and then falls for ten epochs without coming back",
        text=(
            "64 ReLU units on numbers of chance, Adam at 10. The curve of the epochs falls from {first_loss1} to "
            "{last_loss1} and looks "
            "like learning. The steps tell the truth: the first batch cost {first_step_loss1}, the worst one "
            "{highest_step_loss1}. All that "
            "happened happened inside epoch 0, before the first point of the usual plot."
        ),
        remedy="A rate of 1e-3, from fresh weights: those of the first attempt are lost.",
        change='model.compile(keras.optimizers.Adam(1e-3), loss="mse")',
        after="The loss is {last_loss2}. Targets drawn evenly from 0 to 1 have a variance of 1/12 = 0.0833: that is all there is to learn.",
        fixed=True,
    ),
    Section(
        title="The hidden layers have died",
        symptom="Some movement at first, then a flat line at chance",
        script="001_3b_high_rate.py",
        run="001-3b-high-rate",
        picture="dead-layers",
        drawn_epochs=12,
        alternative="The loss is noisy for a while, then flat at ln 2",
        text=(
            "64 and 32 ReLU units, Adam at 0.1. From step {death} on a layer's gradient is exactly zero: its units "
            "are negative for every "
            "row, and a ReLU passes nothing back there. No later step can bring it to life."
        ),
        remedy=(
            "A rate of 1e-3, from before the layer died. Here that would help the layer and not the loss: the "
            "labels are drawn by chance, "
            "as in the next section."
        ),
    ),
    Section(
        title="There is nothing to learn",
        symptom="The training loss falls, the validation loss never does",
        script="001_1_random_labels.py",
        run="001-1-random-labels",
        picture="random-labels",
        drawn_epochs=60,
        alternative="The training loss falls while the validation loss rises from the start",
        text=(
            "100 rows of chance with labels of chance, 128 and 128 units. The training loss falls from "
            "{first_loss1} to {last_loss1}: the rows "
            "are learned by heart. The validation loss was never better than {best_val1}, and guessing costs "
            "0.693. That is not "
            "overfitting after learning: nothing general was learned at any time."
        ),
        remedy=(
            "Nothing in the model. Look at the labels and whether they still belong to their rows; whether the "
            "features can tell; whether "
            "validation data come from the same place."
        ),
    ),
    Section(
        title="The model learns by heart",
        symptom="The validation loss falls, then rises, while the training loss goes on falling",
        script="000_2b_overfit_noisy.py",
        run="000-2b-overfit-noisy",
        picture="overfitting",
        alternative="The validation loss turns upwards while the training loss goes on falling",
        text=(
            "512 units, 200 digits, three labels in ten drawn by chance. The validation loss is best at "
            "{best_val1} and ends at {last_val1}, "
            "while the training loss falls to {last_loss1}. On the whole set with right labels the same model "
            "trains 100 epochs without any "
            "warning: many epochs and no regularization are not enough to overfit."
        ),
        remedy="More rows, labels that were looked at again, and an end in time; here all three.",
        after="The validation loss ended at {last_val2}, the accuracy at {val_accuracy2}.",
        fixed=True,
    ),
    Section(
        title="One class is nearly everything",
        symptom="High accuracy from the first epoch on, and it does not change",
        script="003_1_imbalance.py",
        run="003-1-imbalance",
        picture="imbalance",
        alternative="The loss settles at the entropy of the class shares; with class weights it is that of a coin",
        text=(
            "Three positives in a hundred, and features that do not tell them apart. The accuracy is "
            "{val_accuracy1} by always saying no. "
            "Gradwatch sees that without a label: accuracy stands still, and the loss is the entropy of just that "
            "share."
        ),
        remedy="Class weights; `fit` takes them, `compile` does not:",
        change="model.fit(..., class_weight={0: 0.5 / share_of_0, 1: 0.5 / share_of_1})",
        after=(
            "The validation accuracy went to {val_accuracy2}. That is honest, and no success: in these data there "
            "is nothing else to find. "
            "Weights uncover a collapse, they do not add information."
        ),
        fixed=True,
    ),
    Section(
        title="The gradient vanishes on its way down",
        symptom="A deep model stays at chance, however long it trains",
        script="004_2_sigmoid_layers.py",
        run="004-2-eight-layers",
        picture="vanishing",
        alternative="The loss is flat at ln 2 with sigmoid layers and falls with ReLU layers",
        text=(
            "Eight sigmoid layers of 32. At the first step the first layer gets a gradient of {first_layer1}, the "
            "last one {last_layer1}. Three "
            "such layers train without a warning, and one is no problem at all: it takes depth."
        ),
        remedy="ReLU instead of sigmoid in the hidden layers; normalization layers and residual connections do it too.",
        change='keras.layers.Dense(32, activation="relu")',
        after="The first layer began with {first_layer2}, the last one with {last_layer2}; the loss fell to {last_loss2}.",
        fixed=True,
    ),
    Section(
        title="The loss does not fit the output",
        symptom="The first loss is too good",
        script="004_3_wrong_loss.py",
        run="004-3-wrong-loss",
        picture="wrong-loss",
        alternative="The loss starts at the binary entropy of a third instead of ln 3",
        text=(
            "Three classes, softmax, and the loss for two. Nothing fails: it trains, slowly. But the first batch "
            "costs {first_step_loss1}, "
            "and three classes cost 1.10 when guessed; 0.637 is what a yes-or-no question with one yes in three "
            "costs."
        ),
        remedy="The loss for several classes.",
        change='model.compile("adam", loss="categorical_crossentropy", metrics=["accuracy"])',
        after="It now begins at {first_step_loss2}.",
        fixed=True,
    ),
]

NOT_SEEN = [
    Section(
        run="001-2-low-capacity",
        script="001_2_low_capacity.py",
        symptom="Ten units are too few for the sine of a sum",
        text="the loss falls from {first_loss1} to {last_loss1}; the targets vary by about 0.16 or more",
    ),
    Section(
        run="000-2a-overfit-easy",
        script="000_2a_overfit_easy.py",
        symptom="100 epochs without regularization overfit",
        text="validation accuracy {val_accuracy1} at the end, training loss {last_loss1}",
    ),
    Section(
        run="002-2-sigmoid",
        script="002_2_sigmoid_relu.py",
        symptom="A hidden sigmoid layer lets the gradient vanish",
        text="first layer {first_layer1}, last layer {last_layer1} at the first step; the loss ends at {last_loss1}",
    ),
    Section(
        run="002-3-unclipped",
        script="002_3_clipping.py",
        symptom="A recurrent network explodes without clipping",
        text="median norm {norm1}; the loss ends at {last_loss1}",
    ),
    Section(
        run="004-2-three-layers",
        script="004_2_sigmoid_layers.py",
        symptom="Three sigmoid layers let the gradient vanish",
        text="first layer {first_layer1}, last layer {last_layer1} at the first step; the loss ends at {last_loss1}",
        fixed=True,
    ),
    Section(
        run="003-2-watched",
        script="003_2_early_stopping.py",
        symptom="Early stopping is needed to know when to end",
        text="validation loss best at {best_val1}, {last_val1} after 50 epochs: it is overfitting, and said with the best epoch",
    ),
]

CLOSING = """## What did not show

Examples of the kind "this code suffers from that" are often right about the cause and wrong about their numbers. These do not show
what they are said to show, and Gradwatch does not pretend that they do:

| Said | Seen | Gradwatch says |
| --- | --- | --- |
{rows}

And one never starts: class weights handed to `compile` are an error in today's Keras. That run is registered and fails without a step.
"""
