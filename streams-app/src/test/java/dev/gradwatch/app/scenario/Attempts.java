package dev.gradwatch.app.scenario;

import java.util.List;

/** Logs that hold more than one beginning. */
final class Attempts {

    private Attempts() {}

    static List<RunFile> all() {
        return List.of(
                resumed("resumed-healthy", "The machine is lost at step 1500; it goes on from step 1200", false),
                resumed(
                                "resumed-after-divergence",
                                "NaN at step 1200; lower rate, from step 900, and all is well",
                                true)
                        .expect("non-finite-values", "critical")
                        .ofAttempt(1)
                        .atStep(1200, 1200)
                        .healthyUntil(1190),
                threeRuns("three-runs-in-one-log-healthy", "Three runs one after the other in one file", false),
                threeRuns("three-runs-in-one-log-divergence", "Three runs in one file; the second diverges", true)
                        .expect("loss-divergence", "critical")
                        .ofAttempt(2)
                        .atEpoch(9, 16)
                        .because("learning-rate-too-high"),
                fineTuning(
                        "fine-tuning-healthy", "Three epochs from pretrained weights: the loss falls in stairs", false),
                fineTuning("fine-tuning-collapse", "Three epochs; at step 900 all that was learned is lost", true)
                        .expect("loss-divergence", "critical")
                        .atStep(900, 1200)
                        .because("learning-rate-too-high")
                        .also("loss-spike"));
    }

    private static RunFile resumed(String name, String scene, boolean fails) {
        Curve curve = new Curve(41);
        RunFile file = RunFile.of(name, scene)
                .registered("classes", 10)
                .registered("loss", "cross_entropy")
                .registered("steps_per_epoch", 300)
                .registered("planned_epochs", 10);
        int end = fails ? 126 : 150;
        for (int i = 0; i < end; i++) {
            resumedStep(file, curve, i, fails && i >= 120, 1e-2);
        }
        file.finished("failed");
        for (int i = fails ? 90 : 120; i < 300; i++) {
            resumedStep(file, curve, i, false, fails ? 1e-3 : 1e-2);
        }
        return file.finished("completed");
    }

    private static void resumedStep(RunFile file, Curve curve, int i, boolean broken, double rate) {
        double loss = curve.noisy(Curve.decay(2.3, 0.3, 70, i), 0.06);
        double norm = curve.noisy(1.3, 0.25);
        file.step(10L * i)
                .with("epoch", i / 30.0)
                .with("loss", broken ? Double.NaN : loss)
                .with("grad_norm", broken ? Double.NaN : norm)
                .with("lr", rate);
        if (i % 30 == 29) {
            double validation = curve.noisy(Curve.decay(2.3, 0.4, 70, i), 0.02);
            file.epoch((i + 1) / 30.0)
                    .with("step", 10L * i)
                    .with("train_loss", loss)
                    .with("val_loss", validation)
                    .with("lr", rate);
        }
    }

    private static RunFile threeRuns(String name, String scene, boolean diverges) {
        Curve curve = new Curve(42);
        RunFile file = RunFile.of(name, scene).registered("classes", 10).registered("loss", "cross_entropy");
        for (int run = 0; run < 3; run++) {
            for (int i = 0; i < 30; i++) {
                boolean lost = diverges && run == 1 && i >= 8;
                double train = lost ? Curve.decay(1.4, 4.2, 2, i - 7) : Curve.decay(2.2 - 0.1 * run, 0.25, 7, i);
                file.epoch(i)
                        .with("train_loss", curve.noisy(train, 0.02))
                        .with("val_loss", curve.noisy(lost ? 1.1 * train : Curve.decay(2.1, 0.38, 7, i), 0.025));
            }
        }
        return file;
    }

    /** 600 steps an epoch, every tenth logged. */
    private static RunFile fineTuning(String name, String scene, boolean collapses) {
        Curve curve = new Curve(43);
        RunFile file = RunFile.of(name, scene)
                .registered("pretrained", true)
                .registered("profile", "language-model")
                .registered("loss", "cross_entropy")
                .registered("optimizer", "adamw")
                .registered("learning_rate", 2e-5)
                .registered("planned_epochs", 3)
                .registered("steps_per_epoch", 600);
        double[] stairs = {1.42, 1.05, 0.74};
        double[] validation = {1.31, 1.27, 1.29};
        for (int i = 0; i < 180; i++) {
            int epoch = i / 60;
            boolean lost = collapses && i >= 90;
            double settled = stairs[epoch] + (epoch == 0 ? 0.5 * StrictMath.exp(-i / 6.0) : 0);
            double loss = lost ? Curve.decay(1.2, 7.4, 5, i - 89) : settled;
            double rate = i < 6 ? 2e-5 * (i + 1) / 6 : 2e-5 * (180 - i) / 174;
            file.step(10L * (i + 1))
                    .with("epoch", (i + 1) / 60.0)
                    .with("loss", curve.noisy(loss, 0.07))
                    .with("grad_norm", curve.noisy(lost ? 14 : 2.1, 0.2))
                    .with("lr", rate);
            if (i % 60 == 59) {
                file.epoch(epoch + 1).with("step", 10L * (i + 1)).with("val_loss", lost ? loss : validation[epoch]);
            }
        }
        return file.finished("completed");
    }
}
