// Trains a model and follows it, then takes it from the run's folder and has it write.
// Needs the library, as the README says, and --add-modules jdk.incubator.vector.

import java.nio.file.Path;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
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

void main(String[] arguments) {
    Path folder = Path.of(arguments.length == 0 ? "runs/example" : arguments[0]);
    try (Device device = Devices.open("cpu", DeviceOptions.DEFAULT)) {
        train(device, folder);
        sample(device, folder);
    }
}

/** All of the run is in its folder: the model, a line of figures for each epoch, sentences, what the run was. */
void train(Device device, Path folder) {
    TrainingText text = TrainingText.of(Captions.generated(300, 1)).holdingBack(50);
    Setup setup = Setup.LAB.sized(32, 1, 32).epochs(20);
    try (Model model = new Model(device, setup.weights(text.vocabulary().size()))) {
        TrainingRun run = new TrainingRun(model, text, setup);
        run.add(new RunListener() {
            @Override
            public void learned(Figures figures) {
                if (figures.get(Figures.VAL_LOSS) < 2) {
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
        SamplingOptions options = SamplingOptions.DEFAULT.maxLength(saved.steps());
        new Sampler(model, saved.vocabulary(), options).sentences(3).forEach(IO::println);
    }
}
