package dev.gradwatch.app.scenario;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** Runs that log steps, each in its own way. */
final class StepLogs {

    private StepLogs() {}

    static List<RunFile> all() {
        return List.of(
                noValidation("no-validation-healthy", "Training alone is logged", 1e-3),
                noValidation("no-validation-rate-too-low", "Training alone is logged, with a rate of 1e-7", 1e-7)
                        .expect("loss-plateau", "warning")
                        .atStep(50, 2500)
                        .because("learning-rate-too-low"),
                clipped("clipped-gradients-healthy", "Norms are logged after clipping at 1", false),
                clipped("clipped-gradients-divergence", "Norms stay at 1 after clipping while the loss runs away", true)
                        .expect("loss-divergence", "critical")
                        .atStep(1500, 2000),
                smallBatches("batch-of-sixteen-healthy", "Sixteen samples a batch: single losses are noisy", 16, false),
                smallBatches("batch-of-sixteen-divergence", "Sixteen samples a batch; lost at step 2000", 16, true)
                        .expect("loss-divergence", "critical")
                        .atStep(2000, 2500)
                        .also("loss-spike"),
                smallBatches("batch-of-four-healthy", "Four samples a batch: single losses mean little", 4, false),
                smallBatches("batch-of-four-divergence", "Four samples a batch; the run is lost at step 2000", 4, true)
                        .expect("loss-divergence", "critical")
                        .atStep(2000, 2900)
                        .also("loss-spike"),
                uneven("uneven-steps-healthy", "Every step, then every tenth, then every hundredth is logged", false),
                uneven("uneven-steps-exploding", "As the healthy one; norms explode at step 4000", true)
                        .expect("exploding-gradients", "warning")
                        .atStep(4000, 6500)
                        .also("loss-spike")
                        .also("loss-divergence"),
                unregistered("unregistered-healthy", "A run that never registered", false),
                unregistered("unregistered-not-a-number", "A run that never registered turns into NaN", true)
                        .expect("non-finite-values", "critical")
                        .atStep(150, 150)
                        .healthyUntil(149),
                halfPrecision(
                        "half-precision-healthy", "Some steps overflow and are skipped, as loss scaling does", false),
                halfPrecision("half-precision-lost", "Overflows until the loss itself is gone", true)
                        .expect("non-finite-values", "critical")
                        .atStep(2200, 2230)
                        .healthyUntil(2220),
                paused("pause-healthy", "Nothing for three hours, then it goes on as if nothing had been", false),
                paused("pause-divergence", "Nothing for three hours, then it goes on at ten times the rate", true)
                        .expect("loss-divergence", "critical")
                        .atStep(1500, 2000)
                        .because("learning-rate-too-high")
                        .also("loss-spike"),
                halfPrecision("half-precision-cause", "The norm overflows three times, and then the loss is gone", true)
                        .expect("non-finite-values", "critical")
                        .atStep(2200, 2230)
                        .because("mixed-precision-overflow", "learning-rate-too-high", "unstable-gradients")
                        .healthyUntil(2190)
                        .question("Names a corrupt batch first, since loss and gradient were as usual one step before:"
                                + " the gradient was infinite in the three steps before."),
                paused("restart-point-after-divergence", "The loss rises from step 1500 on", true)
                        .expect("loss-divergence", "critical")
                        .atStep(1500, 2000)
                        .healthyUntil(1490)
                        .also("loss-spike"),
                layered("restart-point-after-dead-layers", "One of four layers dies at step 100", 4, true)
                        .expect("dead-layers", "warning")
                        .atStep(190, 220)
                        .healthyUntil(90),
                layered("many-layers-healthy", "Three hundred layers", 300, false),
                layered("many-layers-dead", "Ten of three hundred layers die at step 100", 300, true)
                        .expect("dead-layers", "warning")
                        .atStep(190, 220),
                layered("unicode-healthy", "Names in four alphabets", 4, false).id("дообучение/模型-№7 «α»"),
                layered("unicode-dead", "Names in four alphabets; one of the layers dies at step 100", 4, true)
                        .id("дообучение/模型-№8 «β»")
                        .expect("dead-layers", "warning")
                        .atStep(190, 220));
    }

    private static RunFile noValidation(String name, String scene, double rate) {
        Curve curve = new Curve(31);
        RunFile file = RunFile.of(name, scene)
                .registered("classes", 10)
                .registered("loss", "cross_entropy")
                .registered("optimizer", "adam")
                .registered("learning_rate", rate)
                .registered("steps_per_epoch", 200);
        for (int i = 0; i < 400; i++) {
            double loss = rate > 1e-5 ? Curve.decay(2.303, 0.3, 90, i) : 2.3035 - 1e-5 * i;
            file.step(10L * i)
                    .with("loss", curve.noisy(loss, rate > 1e-5 ? 0.08 : 0.006))
                    .with("grad_norm", curve.noisy(1.1, 0.2))
                    .with("lr", rate);
            if (i % 20 == 19) {
                file.epoch((i + 1) / 20.0)
                        .with("step", 10L * i)
                        .with("train_loss", curve.noisy(loss, 0.001))
                        .with("lr", rate);
            }
        }
        return file.finished("completed");
    }

    private static RunFile clipped(String name, String scene, boolean diverges) {
        Curve curve = new Curve(32);
        RunFile file =
                RunFile.of(name, scene).registered("loss", "cross_entropy").registered("clip_threshold", 1.0);
        for (int i = 0; i < 300; i++) {
            boolean lost = diverges && i >= 150;
            double loss = lost ? Curve.decay(3, 11.5, 12, i - 150) : Curve.power(7.8, 1.8, 12, i);
            double norm = curve.noisy(lost ? 8 : Curve.decay(3, 0.9, 60, i), 0.3);
            file.step(10L * i)
                    .with("loss", curve.noisy(loss, 0.04))
                    .with("grad_norm", Math.min(1.0, norm))
                    .with("lr", Curve.cosine(3e-4, i, 300));
        }
        return file.finished("completed");
    }

    /** The noise of a loss falls with the square root of the samples in a batch. */
    private static RunFile smallBatches(String name, String scene, int samples, boolean diverges) {
        Curve curve = new Curve(33);
        double noise = 1.2 / Math.sqrt(samples);
        RunFile file = RunFile.of(name, scene)
                .registered("classes", 2)
                .registered("loss", "cross_entropy")
                .registered("batch_size", samples);
        for (int i = 0; i < 400; i++) {
            boolean lost = diverges && i >= 200;
            double loss = lost ? Curve.decay(0.35, 2.6, 8, i - 200) : Curve.decay(0.69, 0.22, 110, i);
            file.step(10L * i)
                    .with("loss", curve.noisy(loss, noise))
                    .with("grad_norm", curve.noisy(lost ? 9 : 3, noise));
        }
        return file.finished("completed");
    }

    private static RunFile uneven(String name, String scene, boolean explodes) {
        Curve curve = new Curve(34);
        RunFile file = RunFile.of(name, scene).registered("loss", "mse");
        int from = 0;
        for (int spacing : new int[] {1, 10, 100}) {
            for (int i = 0; i < 120; i++) {
                long step = from + (long) i * spacing;
                // From then on one step in six explodes, and the run unlearns.
                boolean late = explodes && step >= 4000;
                boolean sick = late && i % 6 == 0;
                double loss = Curve.power(1.0, 0.2, 30, step) * (late ? 1.6 : 1);
                file.step(step)
                        .with("loss", curve.noisy(sick ? 2.5 * loss : loss, 0.1))
                        .with("grad_norm", curve.noisy(sick ? 60 : 1.2, 0.25));
            }
            from += 120 * spacing;
        }
        return file.finished("completed");
    }

    private static RunFile unregistered(String name, String scene, boolean breaks) {
        Curve curve = new Curve(35);
        RunFile file = RunFile.of(name, scene);
        for (int i = 0; i < 250; i++) {
            boolean broken = breaks && i >= 150;
            file.step(i)
                    .with("loss", broken ? Double.NaN : curve.noisy(Curve.decay(2.3, 0.3, 60, i), 0.06))
                    .with("grad_norm", broken ? Double.NaN : curve.noisy(1, 0.2));
        }
        return file;
    }

    private static RunFile halfPrecision(String name, String scene, boolean breaks) {
        Curve curve = new Curve(36);
        RunFile file = RunFile.of(name, scene)
                .registered("loss", "cross_entropy")
                .registered("tags", RunFile.object("precision", "16-mixed"));
        for (int i = 0; i < 300; i++) {
            boolean overflow = i == 0 || i == 1 || i % 67 == 40 || (breaks && i >= 220);
            boolean broken = breaks && i >= 223;
            file.step(10L * i)
                    .with("loss", broken ? Double.NaN : curve.noisy(Curve.power(6.2, 2, 15, i), 0.05))
                    .with("grad_norm", overflow ? Double.POSITIVE_INFINITY : curve.noisy(0.8, 0.25))
                    .with("lr", 1e-4);
        }
        return file.finished("completed");
    }

    private static RunFile paused(String name, String scene, boolean diverges) {
        Curve curve = new Curve(37);
        RunFile file = RunFile.of(name, scene).registered("classes", 10).registered("loss", "cross_entropy");
        long time = 1_767_300_000_000L;
        for (int i = 0; i < 300; i++) {
            time += i == 150 ? 3 * 3600_000L : 5000;
            boolean lost = diverges && i >= 150;
            double loss = lost ? Curve.decay(0.8, 4.5, 10, i - 150) : Curve.decay(2.3, 0.35, 60, i);
            file.step(10L * i)
                    .with("time", time)
                    .with("loss", curve.noisy(loss, 0.07))
                    .with("grad_norm", curve.noisy(lost ? 7 : 1, 0.25))
                    .with("lr", lost ? 1e-2 : 1e-3);
        }
        return file.finished("completed");
    }

    /** Layers are logged every tenth step, of which there are 24. */
    private static RunFile layered(String name, String scene, int layers, boolean dies) {
        Curve curve = new Curve(38);
        String[] alphabets = {"слой", "層", "couche-é", "שכבה"};
        List<String> names = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            names.add(layers == 4 ? alphabets[i] : "blocks." + i);
        }
        RunFile file = RunFile.of(name, scene)
                .registered("classes", 10)
                .registered("loss", "cross_entropy")
                .registered("learning_rate", 1e-3)
                .registered("optimizer", "adam");
        for (int i = 0; i < 240; i += 10) {
            double norm = curve.noisy(1.2, 0.15);
            List<ObjectNode> seen = new ArrayList<>();
            for (int n = 0; n < layers; n++) {
                boolean dead = dies && i >= 100 && (layers == 4 ? n == 1 : n >= 140 && n < 150);
                double own = Math.rint(100 * curve.noisy(norm / Math.sqrt(layers), 0.2)) / 100;
                seen.add(RunFile.object("name", names.get(n), "grad_norm", dead ? 0.0 : Math.max(0.01, own)));
            }
            file.step(i)
                    .with("loss", curve.noisy(Curve.decay(2.3, 0.7, 90, i), 0.04))
                    .with("grad_norm", norm)
                    .with("layers", seen);
        }
        return file.finished("completed");
    }
}
