package dev.gradwatch.app.scenario;

import java.util.List;

/** Runs whose losses do not look like those of a classifier. */
final class LossShapes {

    private LossShapes() {}

    static List<RunFile> all() {
        return List.of(
                nearZero("loss-near-zero-healthy", "A regression on small targets that is solved to 1e-9", false),
                nearZero("loss-near-zero-divergence", "As the healthy one, but it climbs above its start", true)
                        .expect("loss-divergence", "critical")
                        .atStep(2200, 2700),
                likelihood("negative-likelihood-healthy", "A log-likelihood that falls through zero", false),
                likelihood("negative-likelihood-divergence", "As the healthy one, but it is lost at step 2400", true)
                        .expect("loss-divergence", "critical")
                        .atStep(2400, 2900)
                        .because("learning-rate-too-high")
                        .question("Nothing is said, though the loss rises from -3.7 to 19 and started at 3.1."),
                likelihoodOverfitting(),
                likelihoodNotANumber(),
                similarity("cosine-similarity-healthy", "A similarity from 0 to -1, as self-distillation has it", 0.9),
                similarity("cosine-similarity-stuck", "A similarity that never leaves zero", 0.004)
                        .expect("loss-plateau", "warning")
                        .atEpoch(8, 24)
                        .question("Nothing is said: losses at or below zero are never called stuck, though the gain of"
                                + " 40 epochs is no larger than the noise."),
                similarityConstant(),
                adversarial("adversarial-healthy", "Two models against each other: nothing is meant to fall", false),
                adversarial(
                                "adversarial-lost",
                                "Two models against each other until one wins and the gradient is gone",
                                true)
                        .expect("zero-gradients", "critical")
                        .atStep(2000, 2200),
                reinforcement("reinforcement-healthy", "A value loss that rises with the rewards", false),
                reinforcement("reinforcement-not-a-number", "A value loss that turns into NaN", true)
                        .expect("non-finite-values", "critical")
                        .atStep(30000, 30000));
    }

    private static RunFile nearZero(String name, String scene, boolean diverges) {
        Curve curve = new Curve(21);
        RunFile file = RunFile.of(name, scene)
                .registered("loss", "mse")
                .registered("optimizer", "adam")
                .registered("learning_rate", 1e-3);
        for (int i = 0; i < 300; i++) {
            double loss = Curve.decay(4e-4, 1e-9, 18, i);
            if (diverges && i >= 200) {
                loss += 1e-6 * StrictMath.exp(Math.min(8, (i - 200) / 4.0));
            }
            double norm = Math.sqrt(loss);
            file.step(10L * i)
                    .with("loss", curve.noisy(loss, 0.08))
                    .with("grad_norm", curve.noisy(norm, 0.2))
                    .with("lr", 1e-3);
        }
        return file.finished("completed");
    }

    private static RunFile likelihood(String name, String scene, boolean diverges) {
        Curve curve = new Curve(22);
        RunFile file = RunFile.of(name, scene)
                .registered("loss", "nll")
                .registered("optimizer", "adam")
                .registered("learning_rate", 5e-4)
                .registered("steps_per_epoch", 200);
        for (int i = 0; i < 360; i++) {
            boolean lost = diverges && i >= 240;
            double loss = lost ? -3.4 + 0.9 * Math.min(i - 239, 25) : Curve.decay(3.1, -4, 90, i);
            double norm = lost ? 40 : 2.5;
            file.step(10L * i)
                    .with("loss", loss + curve.noise(lost ? 1.5 : 0.12))
                    .with("grad_norm", curve.noisy(norm, 0.3))
                    .with("lr", 5e-4);
            if (i % 20 == 19) {
                double validation = lost ? loss + 0.5 : Curve.decay(3.1, -3.8, 90, i);
                file.epoch((i + 1) / 20.0)
                        .with("step", 10L * i)
                        .with("train_loss", loss)
                        .with("val_loss", validation);
            }
        }
        return file.finished("completed");
    }

    private static RunFile likelihoodNotANumber() {
        Curve curve = new Curve(44);
        RunFile file = RunFile.of("negative-likelihood-not-a-number", "A log-likelihood far below zero turns into NaN")
                .registered("loss", "nll")
                .expect("non-finite-values", "critical")
                .atStep(1800, 1800);
        for (int i = 0; i < 240; i++) {
            boolean broken = i >= 180;
            file.step(10L * i)
                    .with("loss", broken ? Double.NaN : Curve.decay(3.1, -4, 60, i) + curve.noise(0.1))
                    .with("grad_norm", broken ? Double.NaN : curve.noisy(2.5, 0.3));
        }
        return file.finished("failed");
    }

    private static RunFile likelihoodOverfitting() {
        Curve curve = new Curve(28);
        RunFile file = RunFile.of("negative-likelihood-overfitting", "Losses below zero; validation turns at epoch 20")
                .registered("loss", "nll")
                .expect("overfitting", "warning")
                .atEpoch(23, 40)
                .question("Nothing is said, though the validation loss rises from -2.9 to 0.6 while training goes on.");
        for (int i = 0; i < 60; i++) {
            file.epoch(i + 1)
                    .with("train_loss", Curve.decay(1.2, -5, 14, i) + curve.noise(0.03))
                    .with("val_loss", Curve.decay(1.3, -3, 6, i) + 0.09 * Math.max(0, i - 19) + curve.noise(0.06));
        }
        return file.finished("completed");
    }

    private static RunFile similarity(String name, String scene, double reached) {
        Curve curve = new Curve(23);
        RunFile file = RunFile.of(name, scene)
                .registered("loss", "negative_cosine_similarity")
                .registered("optimizer", "sgd");
        for (int i = 0; i < 40; i++) {
            file.epoch(i + 1)
                    .with("train_loss", Curve.decay(-0.02, -0.02 - reached, 9, i) + curve.noise(0.004))
                    .with("lr", 0.05);
        }
        return file.finished("completed");
    }

    private static RunFile similarityConstant() {
        RunFile file = RunFile.of("cosine-similarity-constant", "A similarity that is the same to the last digit")
                .registered("loss", "negative_cosine_similarity")
                .expect("constant-metrics", "warning")
                .atEpoch(5, 10);
        for (int i = 0; i < 30; i++) {
            file.epoch(i + 1).with("train_loss", -0.021342).with("lr", 0.05);
        }
        return file.finished("completed");
    }

    private static RunFile adversarial(String name, String scene, boolean lost) {
        Curve curve = new Curve(24);
        RunFile file =
                RunFile.of(name, scene).registered("profile", "adversarial").registered("optimizer", "adam");
        for (int i = 0; i < 300; i++) {
            boolean over = lost && i >= 200;
            double generator = Curve.decay(0.8, 2.2, 120, i) + 0.5 * StrictMath.sin(i / 11.0);
            file.step(10L * i)
                    .with("loss", over ? 27.631 : curve.noisy(generator, 0.15))
                    .with("grad_norm", over ? 0.0 : curve.noisy(1.4, 0.4))
                    .with("lr", 2e-4);
            if (i % 20 == 19) {
                file.epoch((i + 1) / 20.0)
                        .with("step", 10L * i)
                        .with("train_loss", over ? 27.631 : curve.noisy(generator, 0.03))
                        .with("metrics", RunFile.object("discriminator_loss", over ? 1e-9 : curve.noisy(0.55, 0.1)));
            }
        }
        return file.finished("completed");
    }

    private static RunFile reinforcement(String name, String scene, boolean breaks) {
        Curve curve = new Curve(25);
        RunFile file =
                RunFile.of(name, scene).registered("profile", "reinforcement").registered("optimizer", "adam");
        for (int i = 0; i < 300; i++) {
            boolean broken = breaks && i >= 200;
            double loss = (0.4 + i / 60.0) * (1 + 0.4 * StrictMath.sin(i / 23.0));
            file.step(150L * i)
                    .with("loss", broken ? Double.NaN : curve.noisy(loss, 0.4))
                    .with("grad_norm", broken ? Double.NaN : curve.noisy(0.5 + i / 200.0, 0.5));
        }
        return file.finished("completed");
    }
}
