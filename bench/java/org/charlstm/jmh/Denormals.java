package org.charlstm.jmh;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Machine;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.device.Ints;
import org.charlstm.device.Memory;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Models;
import org.charlstm.nn.Network;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.Vocabulary;
import org.charlstm.train.DivergenceException;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Figures;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;

/**
 * Whether training slows down where float32 has denormals: probabilities and gradients of logits so far apart that
 * their exponentials are below 1e-38. {@code bench/jmh.sh --main Denormals [EPOCHS [CAPTIONS [THREADS]]]} trains on the
 * CPU from usual weights and from the same with the last kernel scaled until every row's highest and lowest logit are
 * over {@value #GAP} apart. Ends with status 1 where an epoch takes over {@value #ALLOWED} times the first.
 */
final class Denormals {
    private static final double GAP = 100;
    private static final double ALLOWED = 1.1;
    /** Beyond the gap itself, so that rounding does not take a row below it. */
    private static final double MARGIN = 1.1;
    private static final int WARM_UP_EPOCHS = 2;
    /** Rows of the corpus by which the gap is measured. */
    private static final int ROWS = 16;

    private final Device device;
    private final Corpus corpus;
    private final ModelConfig config;

    private Denormals(Device device, Corpus corpus) {
        this.device = device;
        this.corpus = corpus;
        config = Models.of(corpus.vocabulary().size(), ModelConfig.LAB_UNITS, ModelConfig.LAB_UNITS);
    }

    /**
     * Measures and prints.
     *
     * @param arguments epochs, captions, threads
     */
    public static void main(String[] arguments) {
        int[] given = {5, 2560, 0};
        try {
            for (int i = 0; i < arguments.length; i++) {
                given[i] = Integer.parseUnsignedInt(arguments[i]);
            }
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException _) {
            fail(2, "takes up to three whole numbers: EPOCHS CAPTIONS THREADS");
        }
        if (given[0] < 1 || given[1] < 1) {
            fail(2, "EPOCHS and CAPTIONS are at least 1");
        }
        Captions captions = Captions.generated(given[1], 1);
        Corpus corpus = Corpus.encode(captions, Vocabulary.of(captions));
        System.out.println(Machine.line());
        boolean fits = false;
        try (Device device = Devices.open("cpu", new DeviceOptions(given[2]))) {
            System.out.println("device " + device.name() + ": " + device.description());
            fits = new Denormals(device, corpus).run(given[0]);
        } catch (DivergenceException e) {
            fail(1, e.getMessage().split(";", 2)[0] + "; so far apart, logits take about 2000 CAPTIONS in their first "
                    + "epoch to come closer");
        } catch (CharlstmException e) {
            fail(1, e.getMessage());
        }
        System.exit(fits ? 0 : 1);
    }

    private static void fail(int code, String message) {
        System.err.println("Denormals: " + message);
        System.exit(code);
    }

    private boolean run(int epochs) {
        Weights usual = Initializer.keras(config, 1);
        double gap = gap(usual);
        Weights scaled = scaled(usual, MARGIN * GAP / gap);
        train("warm-up", usual, WARM_UP_EPOCHS);
        double[] before = train("usual weights, gap " + rounded(gap), usual, epochs);
        double[] seconds = train("scaled weights, gap " + rounded(gap(scaled)), scaled, epochs);
        double slowest = Arrays.stream(seconds).max().orElseThrow();
        double ratio = slowest / seconds[0];
        System.out.printf(Locale.ROOT, "slowest epoch from scaled weights: %.2f times the first, %.2f times the "
                + "median from usual weights; allowed: %.1f times the first%n", ratio, slowest / median(before),
                ALLOWED);
        return ratio <= ALLOWED;
    }

    private double[] train(String what, Weights start, int epochs) {
        double[] seconds = new double[epochs];
        try (Model model = new Model(device, start);
                Trainer trainer = new Trainer(model, corpus, TrainingOptions.DEFAULT)) {
            for (int i = 0; i < epochs; i++) {
                Figures metrics = trainer.epoch(EpochListener.NONE);
                seconds[i] = metrics.seconds();
                System.out.printf(Locale.ROOT, "%s: epoch %d  loss %.4f  %.3f s%n", what, i + 1, metrics.loss(),
                        metrics.seconds());
            }
            System.out.println(what + ": gap after training " + rounded(gap(model.weights())));
        }
        return seconds;
    }

    private static Weights scaled(Weights weights, double factor) {
        return new Weights(weights.config(),
                weights.tensors().stream().map(tensor -> !tensor.name().equals("dense_2.kernel") ? tensor
                        : new Tensor(tensor.name(), tensor.shape(),
                                Arrays.stream(tensor.values()).map(value -> (float) (factor * value)).toArray()))
                        .toList());
    }

    /** The least difference between the highest and the lowest logit of a row, over some captions. */
    private double gap(Weights weights) {
        int batch = Math.min(ROWS, corpus.rows());
        int symbols = config.symbols();
        try (Model model = new Model(device, weights); Memory memory = device.memory()) {
            int[] ids = new int[corpus.steps() * batch];
            for (int b = 0; b < batch; b++) {
                int[] input = corpus.input(b);
                for (int t = 0; t < input.length; t++) {
                    ids[t * batch + b] = input[t];
                }
            }
            Ints inputs = memory.ints(ids.length);
            inputs.write(ids);
            Network network = new Network(model, memory, corpus.steps(), batch, false);
            network.forward(inputs, null);
            double[] logits = network.logits().read();
            double least = Double.POSITIVE_INFINITY;
            for (int row = 0; row < ids.length; row++) {
                double[] values = Arrays.copyOfRange(logits, row * symbols, (row + 1) * symbols);
                Arrays.sort(values);
                least = Math.min(least, values[symbols - 1] - values[0]);
            }
            return least;
        }
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[sorted.length / 2] + sorted[(sorted.length - 1) / 2]) / 2;
    }

    private static String rounded(double value) {
        return String.format(Locale.ROOT, "%.3g", value);
    }
}
