package dev.gradwatch.app.scenario;

import java.util.List;

/** Runs that log epochs or evaluations and little else. */
final class EpochLogs {

    private EpochLogs() {}

    static List<RunFile> all() {
        return List.of(
                epochsOnlyHealthy(),
                epochsOnlyOverfitting(),
                sixEvaluationsHealthy(),
                sixEvaluationsOverfitting(),
                everyFiveHundredStepsHealthy(),
                everyFiveHundredStepsOverfitting(),
                noisyValidation(),
                percentHealthy(),
                percentOverfitting(),
                percentCollapsed(),
                errorRateHealthy(),
                errorRateOverfitting(),
                epochsMissingHealthy(),
                epochsMissingOverfitting());
    }

    private static RunFile epochsOnlyHealthy() {
        Curve curve = new Curve(11);
        RunFile file =
                tenClasses("epochs-only-healthy", "Ten classes, epochs alone; validation settles above training");
        for (int i = 0; i < 50; i++) {
            file.epoch(i + 1)
                    .with("train_loss", curve.noisy(Curve.decay(2.1, 0.15, 11, i), 0.02))
                    .with("val_loss", curve.noisy(Curve.decay(1.95, 0.42, 9, i), 0.03))
                    .with("train_accuracy", Curve.decay(0.25, 0.955, 10, i) + curve.noise(0.004))
                    .with("val_accuracy", Curve.decay(0.3, 0.865, 9, i) + curve.noise(0.006));
        }
        return file.finished("completed");
    }

    private static RunFile epochsOnlyOverfitting() {
        Curve curve = new Curve(12);
        RunFile file = tenClasses(
                        "epochs-only-overfitting", "Ten classes, epochs alone; validation loss turns at epoch 14")
                .expect("overfitting", "warning")
                .atEpoch(17, 32)
                .because(overfittingCauses());
        for (int i = 0; i < 60; i++) {
            double rise = 0.018 * Math.max(0, i - 13);
            file.epoch(i + 1)
                    .with("train_loss", curve.noisy(Curve.decay(2.1, 0.01, 9, i), 0.03))
                    .with("val_loss", curve.noisy(Curve.decay(1.95, 0.6, 5, i) + rise, 0.02))
                    .with("train_accuracy", Curve.decay(0.25, 0.998, 8, i))
                    .with(
                            "val_accuracy",
                            Curve.decay(0.3, 0.815, 5, i) - 0.0011 * Math.max(0, i - 13) + curve.noise(0.004));
        }
        return file.finished("completed");
    }

    /** What may be meant where validation turns while training goes on. */
    static String[] overfittingCauses() {
        return new String[] {"overfitting", "missing-regularization", "insufficient-data", "excess-capacity"};
    }

    private static RunFile tenClasses(String name, String scene) {
        return RunFile.of(name, scene)
                .registered("classes", 10)
                .registered("loss", "categorical_crossentropy")
                .registered("optimizer", "adam")
                .registered("learning_rate", 1e-3);
    }

    private static RunFile sixEvaluationsHealthy() {
        return sixEvaluations(
                "six-evaluations-healthy",
                "Six evaluations in all, the last two about equal",
                new double[] {0.612, 0.431, 0.362, 0.338, 0.331, 0.334});
    }

    private static RunFile sixEvaluationsOverfitting() {
        return sixEvaluations(
                        "six-evaluations-overfitting",
                        "Six evaluations in all, the second is the best and the last as bad as a guess",
                        new double[] {0.512, 0.431, 0.472, 0.541, 0.633, 0.704})
                .expect("overfitting", "warning")
                .atEpoch(4, 6)
                .because(overfittingCauses());
    }

    private static RunFile sixEvaluations(String name, String scene, double[] validation) {
        double[] training = {0.583, 0.402, 0.281, 0.196, 0.131, 0.088};
        RunFile file = RunFile.of(name, scene)
                .registered("classes", 2)
                .registered("loss", "cross_entropy")
                .registered("planned_epochs", 6);
        for (int i = 0; i < 6; i++) {
            file.epoch(i + 1).with("train_loss", training[i]).with("val_loss", validation[i]);
        }
        return file.finished("completed");
    }

    private static RunFile everyFiveHundredStepsHealthy() {
        return everyFiveHundredSteps(
                "validation-every-500-steps-healthy",
                "Steps are logged every 50, validation comes every 500 and knows its step alone",
                false);
    }

    private static RunFile everyFiveHundredStepsOverfitting() {
        return everyFiveHundredSteps(
                        "validation-every-500-steps-overfitting",
                        "As the healthy one, but validation turns at step 6000",
                        true)
                .expect("overfitting", "warning")
                .atStep(7000, 12000)
                .because(overfittingCauses());
    }

    private static RunFile everyFiveHundredSteps(String name, String scene, boolean turns) {
        Curve curve = new Curve(13);
        RunFile file =
                RunFile.of(name, scene).registered("loss", "cross_entropy").registered("planned_steps", 15000);
        for (int step = 50; step <= 15000; step += 50) {
            double train = turns ? Curve.decay(3.9, 0.35, 3500, step) : Curve.decay(3.9, 1.1, 3000, step);
            file.step(step)
                    .with("loss", curve.noisy(train, 0.06))
                    .with("grad_norm", curve.noisy(0.9, 0.25))
                    .with("lr", 2e-4);
            if (step % 500 == 0) {
                double healthy = Curve.decay(3.8, 1.35, 2800, step);
                double late = Math.max(0, step - 6000) / 1000.0;
                file.evaluation(step).with("val_loss", curve.noisy(turns ? healthy + 0.13 * late : healthy, 0.01));
            }
        }
        return file.finished("completed");
    }

    /** Fifty samples to validate on: accuracies in steps of two points. */
    private static RunFile noisyValidation() {
        Curve curve = new Curve(20);
        RunFile file = tenClasses("noisy-validation-healthy", "Fifty samples to validate on");
        for (int i = 0; i < 50; i++) {
            double right = Curve.decay(0.25, 0.82, 10, i) + curve.noise(0.05);
            file.epoch(i + 1)
                    .with("train_loss", curve.noisy(Curve.decay(2.1, 0.25, 12, i), 0.02))
                    .with("val_loss", curve.noisy(Curve.decay(2.0, 0.55, 10, i), 0.13))
                    .with("val_accuracy", Math.rint(50 * Math.min(1, right)) / 50);
        }
        return file.finished("completed");
    }

    private static RunFile percentHealthy() {
        Curve curve = new Curve(14);
        RunFile file = tenClasses("percent-healthy", "Accuracies from 0 to 100");
        for (int i = 0; i < 40; i++) {
            file.epoch(i + 1)
                    .with("train_loss", curve.noisy(Curve.decay(2.0, 0.2, 9, i), 0.02))
                    .with("val_loss", curve.noisy(Curve.decay(1.9, 0.34, 8, i), 0.03))
                    .with("train_accuracy", Curve.decay(28, 94, 8, i) + curve.noise(0.3))
                    .with("val_accuracy", Curve.decay(32, 89, 8, i) + curve.noise(0.5));
        }
        return file.finished("completed");
    }

    private static RunFile percentOverfitting() {
        Curve curve = new Curve(19);
        RunFile file = tenClasses("percent-overfitting", "Accuracies from 0 to 100; validation turns at epoch 12")
                .expect("overfitting", "warning")
                .atEpoch(15, 28)
                .because(overfittingCauses());
        for (int i = 0; i < 45; i++) {
            double late = Math.max(0, i - 11);
            file.epoch(i + 1)
                    .with("train_loss", curve.noisy(Curve.decay(2.0, 0.02, 7, i), 0.03))
                    .with("val_loss", curve.noisy(Curve.decay(1.9, 0.65, 4, i) + 0.02 * late, 0.02))
                    .with("train_accuracy", Curve.decay(28, 99.6, 7, i))
                    .with("val_accuracy", Curve.decay(32, 80, 4, i) - 0.1 * late + curve.noise(0.4));
        }
        return file.finished("completed");
    }

    /** 97 of 100 samples are of one class: the loss comes to rest at the entropy of that share. */
    private static RunFile percentCollapsed() {
        Curve curve = new Curve(15);
        RunFile file = RunFile.of(
                        "percent-majority-class", "Accuracies in percent; 97 of 100 samples are of one class and win")
                .registered("classes", 2)
                .registered("loss", "binary_crossentropy")
                .registered("optimizer", "adam")
                .registered("learning_rate", 1e-3)
                .expect("majority-class-collapse", "warning")
                .atEpoch(5, 15)
                .because("class-imbalance")
                .question("A second warning 23 epochs later, that the loss has stopped falling for want of capacity, is"
                        + " the same fault under another name.");
        for (int i = 0; i < 30; i++) {
            file.epoch(i + 1)
                    .with("train_loss", Curve.decay(0.31, 0.1349, 1.1, i) + curve.noise(0.0006))
                    .with("val_loss", Curve.decay(0.25, 0.1352, 1.1, i) + curve.noise(0.0008))
                    .with("train_accuracy", i == 0 ? 95.2 : 97.0)
                    .with("val_accuracy", 97.0);
        }
        return file.finished("completed");
    }

    private static RunFile errorRateHealthy() {
        return errorRate("error-rate-healthy", "An error rate stands where others log an accuracy", false);
    }

    private static RunFile errorRateOverfitting() {
        return errorRate(
                        "error-rate-overfitting", "An error rate; it rises again from epoch 12 on, with the loss", true)
                .expect("overfitting", "warning")
                .atEpoch(14, 30)
                .because(overfittingCauses());
    }

    private static RunFile errorRate(String name, String scene, boolean turns) {
        Curve curve = new Curve(16);
        RunFile file = RunFile.of(name, scene)
                .registered("classes", 10)
                .registered("loss", "cross_entropy")
                .registered("lower_is_better", List.of("train_accuracy", "validation_accuracy"));
        for (int i = 0; i < 45; i++) {
            double late = turns ? Math.max(0, i - 11) : 0;
            file.epoch(i + 1)
                    .with("train_loss", curve.noisy(Curve.decay(2.0, turns ? 0.02 : 0.15, 8, i), 0.02))
                    .with("val_loss", curve.noisy(Curve.decay(1.9, 0.45, 5, i) + 0.022 * late, 0.02))
                    .with("train_accuracy", Curve.decay(0.7, turns ? 0.003 : 0.04, 8, i))
                    .with("val_accuracy", Curve.decay(0.66, 0.13, 5, i) + 0.0018 * late + curve.noise(0.003));
        }
        return file.finished("completed");
    }

    private static RunFile epochsMissingHealthy() {
        return epochsMissing("epochs-missing-healthy", "The log lacks epochs 21 to 45", false);
    }

    private static RunFile epochsMissingOverfitting() {
        return epochsMissing(
                        "epochs-missing-overfitting", "The log lacks epochs 21 to 45, and validation turns at 50", true)
                .expect("overfitting", "warning")
                .atEpoch(53, 80)
                .because(overfittingCauses());
    }

    private static RunFile epochsMissing(String name, String scene, boolean turns) {
        Curve curve = new Curve(17);
        RunFile file = tenClasses(name, scene);
        for (int i = 0; i < 90; i++) {
            double late = turns ? Math.max(0, i - 49) : 0;
            double train = curve.noisy(Curve.decay(2.2, turns ? 0.03 : 0.2, 18, i), 0.02);
            double validation = curve.noisy(Curve.decay(2.1, 0.5, 14, i) + 0.02 * late, 0.02);
            double accuracy = Curve.decay(0.2, 0.84, 14, i) - 0.0014 * late + curve.noise(0.004);
            if (i < 20 || i >= 45) {
                file.epoch(i + 1)
                        .with("train_loss", train)
                        .with("val_loss", validation)
                        .with("val_accuracy", accuracy);
            }
        }
        return file.finished("completed");
    }
}
