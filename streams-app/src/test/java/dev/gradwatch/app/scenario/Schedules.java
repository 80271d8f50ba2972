package dev.gradwatch.app.scenario;

import java.util.List;

/** Runs in which the learning rate, or the planned length, decides what is normal. */
final class Schedules {

    private Schedules() {}

    static List<RunFile> all() {
        return List.of(
                warmRestarts("warm-restarts-healthy", "Four cosine cycles; each begins with a worse loss", false),
                warmRestarts("warm-restarts-divergence", "The third restart of the rate throws the run off", true)
                        .expect("loss-divergence", "critical")
                        .atEpoch(41, 50)
                        .because("learning-rate-too-high")
                        .also("loss-spike")
                        .question("Three warnings of spikes in three epochs, each resolved though the loss never came"
                                + " down again: one story should be one alert."),
                stepDecay(),
                raised(),
                decayedTooEarly(),
                slowStart(),
                planned("planned-length-known-healthy", false, 60),
                planned("planned-length-unknown-healthy", false, null),
                planned("planned-length-known-overfitting", true, 60),
                planned("planned-length-unknown-overfitting", true, null));
    }

    /** Four cycles of 20 epochs with 5 logged steps each. */
    private static RunFile warmRestarts(String name, String scene, boolean diverges) {
        Curve curve = new Curve(26);
        RunFile file = RunFile.of(name, scene)
                .registered("loss", "cross_entropy")
                .registered("classes", 10)
                .registered("optimizer", "sgd")
                .registered("learning_rate", 0.1);
        for (int i = 0; i < 400; i++) {
            int inCycle = i % 100;
            double rate = Math.max(1e-4, Curve.cosine(0.1, inCycle, 100));
            double settled = Curve.decay(2.25, 0.2, 70, i);
            double heated = i >= 100 ? 0.35 * (rate / 0.1) : 0;
            boolean lost = diverges && i >= 200;
            double loss = lost ? Curve.decay(0.5, 3.1, 6, i - 199) : settled + heated;
            long step = 20L * i;
            file.step(step)
                    .with("epoch", i / 5.0)
                    .with("loss", curve.noisy(loss, 0.08))
                    .with("grad_norm", curve.noisy(lost ? 6 : 0.8 + 0.8 * rate / 0.1, 0.2))
                    .with("lr", rate);
            if (i % 5 == 4) {
                double validation = lost ? loss + 0.1 : settled + 0.15 + 1.3 * heated;
                file.epoch((i + 1) / 5.0)
                        .with("step", step)
                        .with("train_loss", curve.noisy(loss, 0.015))
                        .with("val_loss", curve.noisy(validation, 0.02))
                        .with("lr", rate);
            }
        }
        return file.finished("completed");
    }

    private static RunFile stepDecay() {
        Curve curve = new Curve(27);
        RunFile file = bySteps("step-decay-healthy", "The rate falls at epochs 30 and 45, after plateaus");
        for (int i = 0; i < 60; i++) {
            double loss = Curve.decay(2.2, 0.82, 4, i);
            if (i >= 45) {
                loss = Curve.decay(0.34, 0.28, 2, i - 45);
            } else if (i >= 30) {
                loss = Curve.decay(0.62, 0.36, 2, i - 30);
            }
            file.epoch(i + 1)
                    .with("train_loss", curve.noisy(loss, i < 30 ? 0.02 : 0.008))
                    .with("val_loss", curve.noisy(loss + 0.12, 0.02))
                    .with("lr", i < 30 ? 0.1 : i < 45 ? 0.01 : 0.001);
        }
        return file.finished("completed");
    }

    private static RunFile raised() {
        Curve curve = new Curve(29);
        RunFile file = bySteps("step-decay-upwards", "At epoch 30 the rate is multiplied by 10 instead of divided")
                .expect("loss-divergence", "critical")
                .atEpoch(31, 38)
                .because("learning-rate-too-high")
                .also("loss-spike");
        for (int i = 0; i < 60; i++) {
            double loss = i < 30 ? Curve.decay(2.2, 0.82, 4, i) : Curve.decay(1.4, 2.9, 2, i - 30);
            file.epoch(i + 1)
                    .with("train_loss", curve.noisy(loss, 0.02))
                    .with("val_loss", curve.noisy(loss + 0.12, 0.02))
                    .with("lr", i < 30 ? 0.1 : 1.0);
        }
        return file.finished("completed");
    }

    private static RunFile decayedTooEarly() {
        Curve curve = new Curve(27);
        RunFile file = bySteps("step-decay-too-early", "The rate falls to nothing at epoch 4")
                .expect("loss-plateau", "warning")
                .atEpoch(10, 26)
                .because("learning-rate-too-low")
                .question("A note at epoch 44 that it has converged, 15 % below its start, for want of capacity: the"
                        + " rate fell to 1e-5 at epoch 4 and nothing has moved since.");
        for (int i = 0; i < 60; i++) {
            double loss = Curve.decay(2.28, 0.3, 12, Math.min(i, 3) + 0.001 * i);
            file.epoch(i + 1)
                    .with("train_loss", curve.noisy(loss, 0.008))
                    .with("val_loss", curve.noisy(loss + 0.02, 0.02))
                    .with("lr", i < 3 ? 0.1 : 1e-5);
        }
        return file.finished("completed");
    }

    private static RunFile bySteps(String name, String scene) {
        return RunFile.of(name, scene)
                .registered("loss", "cross_entropy")
                .registered("classes", 10)
                .registered("optimizer", "sgd")
                .registered("planned_epochs", 60);
    }

    /** Stands at the loss of a guess for 60 records, as deep networks in their warm-up do, and then learns. */
    private static RunFile slowStart() {
        Curve curve = new Curve(39);
        RunFile file = RunFile.of("slow-start-healthy", "Stands at the loss of a guess for 600 steps, then learns")
                .registered("classes", 10)
                .registered("loss", "cross_entropy")
                .registered("optimizer", "adam")
                .registered("learning_rate", 1e-3);
        for (int i = 0; i < 300; i++) {
            double loss = i < 60 ? 2.303 : Curve.decay(2.303, 0.4, 50, i - 60);
            file.step(10L * i)
                    .with("loss", curve.noisy(loss, 0.03))
                    .with("grad_norm", curve.noisy(i < 60 ? 0.3 : 1.2, 0.2))
                    .with("lr", 1e-3 * Math.min(1, (i + 1) / 80.0));
        }
        return file.finished("completed");
    }

    /** The same numbers, whether the run says how long it will be or not. */
    private static RunFile planned(String name, boolean turns, Integer epochs) {
        Curve curve = new Curve(18);
        String length = epochs == null ? "Says nothing of its length" : "Says that it will have " + epochs + " epochs";
        RunFile file = RunFile.of(name, length + (turns ? "; validation turns at 20" : "; learns slowly to the end"))
                .registered("loss", "mse");
        if (epochs != null) {
            file.registered("planned_epochs", epochs);
        }
        if (turns) {
            file.expect("overfitting", "warning").atEpoch(23, 42).because(EpochLogs.overfittingCauses());
        }
        for (int i = 0; i < 60; i++) {
            double late = turns ? Math.max(0, i - 19) : 0;
            double train = turns ? Curve.decay(1.2, 0.05, 12, i) : Curve.power(1.2, 0.1, 6, i);
            double validation = turns ? Curve.decay(1.18, 0.5, 7, i) + 0.02 * late : Curve.power(1.2, 0.18, 6, i);
            file.epoch(i + 1)
                    .with("train_loss", curve.noisy(train, 0.015))
                    .with("val_loss", curve.noisy(validation, 0.02))
                    .with("metrics", RunFile.object("mae", curve.noisy(Math.sqrt(validation), 0.02)));
        }
        return file.finished("completed");
    }
}
