package org.charlstm.device.gpu;

import java.util.stream.IntStream;
import org.charlstm.Agreement;
import org.charlstm.device.Device;
import org.charlstm.device.reference.ReferenceDevice;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.Models;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.generated.GeneratedCaptions;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;

/** A small training that cuDNN's algorithms have to do as the oracle does it. */
public final class SmallTraining {
    public static final Corpus CORPUS;
    private static final int HIDDEN = 32;

    static {
        Captions captions = Captions.of(IntStream.range(0, 10)
                .mapToObj(i -> Captions.generated(GeneratedCaptions.DEFAULT_COUNT, 1).texts().get(i).substring(0, 15))
                .toList());
        CORPUS = Corpus.encode(captions);
    }

    private SmallTraining() {
    }

    /** The oracle's training, computed where something is held to it. */
    private static final class Expected {
        private static final Result RESULT;

        static {
            try (Device oracle = new ReferenceDevice()) {
                RESULT = train(oracle, HIDDEN);
            }
        }
    }

    /**
     * The results of a training.
     *
     * @param loss    of its second epoch
     * @param weights after it
     */
    public record Result(double loss, Weights weights) {
    }

    /** So many generated captions, each of its first characters. */
    public static Corpus corpus(int rows, int length) {
        return Corpus.encode(Captions.of(Captions.generated(rows, 1).texts().stream()
                .map(text -> text.substring(0, Math.min(text.length(), length))).toList()));
    }

    /** A clock so fast that candidates have been measured for long enough when each has run once. */
    static long hurried() {
        return 1000 * System.nanoTime();
    }

    /** The simulated GPU as if it were a card: what serves is held to the plain kernels and measured. */
    public static Device competing(String name) {
        return Gpu.device(Gpu.running(name), SmallTraining::hurried);
    }

    /** Six updates in batches of four, four and two. */
    public static Result train(Device device, int hidden) {
        try (Model model = new Model(device, Initializer.keras(
                Models.of(CORPUS.vocabulary().size(), hidden, 16), 1));
                Trainer trainer = new Trainer(model, CORPUS, new TrainingOptions(4, 0.01, 1, true))) {
            trainer.epoch(EpochListener.NONE);
            return new Result(trainer.epoch(EpochListener.NONE).loss(), model.weights());
        }
    }

    /** Holds a training of 32 units to the oracle's. */
    public static void requireExpected(Result actual) {
        Agreement.require("loss", new double[] {Expected.RESULT.loss}, new double[] {actual.loss}, 1e-5);
        for (Tensor tensor : Expected.RESULT.weights.tensors()) {
            Agreement.require(tensor.name(), tensor.values(), actual.weights.get(tensor.name()).values(), 1e-3);
        }
    }

    /** The device's report of its choice for the first batches. */
    public static String choice(Device device) {
        return device.choices().getFirst().substring("LSTM 16 x 4, 32 units: ".length());
    }
}
