// Trains a model and follows it, then takes it from the run's folder and has it write.
// Needs the library, as the README says, and --add-modules jdk.incubator.vector:
//     examples/run TrainAndSample.java

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.device.UpdateRule;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Model;
import org.charlstm.run.RunListener;
import org.charlstm.run.Setup;
import org.charlstm.run.TrainingRun;
import org.charlstm.run.TrainingText;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.text.Captions;
import org.charlstm.train.Figures;
import org.charlstm.train.TrainingOptions;

void main(String[] arguments) {
    Path folder = Path.of(arguments.length == 0 ? "runs/example" : arguments[0]);
    try (Device device = Devices.open("cpu", DeviceOptions.DEFAULT)) {
        train(device, folder);
        sample(device, folder);
    }
}

/** Captions of three parts each, in an order without meaning: the last of them are held back. */
List<String> captions() {
    List<String> captions = new ArrayList<>();
    for (String who : List.of("a man", "two dogs", "a woman", "a small cat", "three children", "a red bus")) {
        for (String does : List.of("waiting", "running", "sleeping", "playing", "standing still", "moving")) {
            for (String where : List.of("in the snow", "on a beach", "near a tree", "under a bridge", "in a park",
                    "by the river", "in front of a house", "on the street")) {
                captions.add(who + " " + does + " " + where);
            }
        }
    }
    Collections.shuffle(captions, new Random(1));
    return captions;
}

/** All of the run is in its folder: the model, a line of figures for each epoch, sentences, what the run was. */
void train(Device device, Path folder) {
    TrainingText text = TrainingText.of(Captions.of(captions())).holdingBack(50);
    Setup setup = Setup.LAB.sized(64, 1, 64).epochs(40)
            .training(TrainingOptions.DEFAULT.batchSize(16).rule(0.005, UpdateRule.Adam.KERAS));
    try (Model model = new Model(device, setup.weights(text.vocabulary().size()))) {
        TrainingRun run = new TrainingRun(model, text, setup);
        run.add(new RunListener() {
            @Override
            public void learned(Figures figures) {
                if (figures.get(Figures.VAL_LOSS) < 0.155) {
                    run.stop();
                }
            }

            @Override
            public void figures(Figures figures) {
                IO.println("epoch " + figures.epoch() + ": " + figures.values());
            }
        });
        run.train(folder, true);
    }
}

void sample(Device device, Path folder) {
    SavedModel saved = ModelFile.load(folder);
    try (Model model = new Model(device, saved.weights())) {
        SamplingOptions options = SamplingOptions.DEFAULT.maxLength(saved.steps()).temperature(0.5);
        new Sampler(model, saved.vocabulary(), options).sentences(3).forEach(IO::println);
    }
}
