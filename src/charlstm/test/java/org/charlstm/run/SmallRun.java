package org.charlstm.run;

import module java.base;
import org.charlstm.device.Device;
import org.charlstm.device.TestDevices;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Model;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.charlstm.run.folder.RunState;
import org.charlstm.run.folder.StateFile;
import org.charlstm.text.Captions;
import org.charlstm.train.Figures;
import org.charlstm.train.Schedule;
import org.charlstm.train.TrainingOptions;
import org.charlstm.train.TrainingState;

/** A run of two captions, and a state of it from which it can go on; no clock has a part in it. */
final class SmallRun implements AutoCloseable {
    private static final TrainingText TEXT =
            TrainingText.of(Captions.of(List.of("a cat", "a dog", "the sun"))).holdingBack(1);
    static final Setup SETUP = Setup.LAB.sized(3, 1, 2).epochs(2).training(new TrainingOptions(2, 0.05, 5, true));

    private final Device device = TestDevices.open("cpu");
    private final Model model = new Model(device, SETUP.weights(TEXT.vocabulary().size()));

    /** Does something with a run of a model of its own, which is closed afterwards. */
    static <T> T with(String device, TrainingText text, Setup setup, Function<TrainingRun, T> work) {
        try (Device opened = TestDevices.open(device);
                Model model = new Model(opened, setup.weights(text.vocabulary().size()))) {
            return work.apply(new TrainingRun(model, text, setup));
        }
    }

    TrainingRun run() {
        return new TrainingRun(model, TEXT, SETUP);
    }

    /** Writes the state. */
    Path save(Path folder) {
        Weights weights = model.weights();
        SavedModel saved = new SavedModel(model.config(), TEXT.corpus().steps(), TEXT.vocabulary(), weights);
        Weights squares = new Weights(model.config(), weights.tensors().stream().map(tensor -> new Tensor(tensor.name(),
                tensor.shape(), Arrays.stream(tensor.values()).map(value -> value * value).toArray())).toList());
        TrainingState training = new TrainingState(weights, Map.of("mean_square", squares), 1,
                TEXT.corpus().rows(),
                new double[] {2.5, 1, 2, 1.5, 1}, 0.5, Schedule.Course.BEGIN, List.of());
        Path file = folder.resolve(StateFile.NAME);
        StateFile.save(file, new RunState(saved, training, true, RunState.settings(SETUP.training()), TEXT.digest(),
                Map.of("epochs", "3"), new Figures.Best(1, "val_loss", 1.75)));
        return file;
    }

    /** Goes on from what is in a folder, for a step. */
    TrainingRun.End resume(Path folder) {
        TrainingRun run = run();
        run.stop();
        return run.resume(folder);
    }

    @Override
    public void close() {
        model.close();
        device.close();
    }
}
