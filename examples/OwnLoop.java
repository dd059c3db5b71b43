// Trains without a run: epoch by epoch in a loop of one's own, which keeps the best model in a file.
// Needs the library, as the README says, and --add-modules jdk.incubator.vector:
//     examples/run OwnLoop.java

import java.nio.file.Path;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.run.Setup;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.Vocabulary;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Evaluation;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;

void main(String[] arguments) {
    Path file = Path.of(arguments.length == 0 ? "best.safetensors" : arguments[0]);
    Captions captions = Captions.generated(300, 1);
    Corpus corpus = Corpus.encode(captions, Vocabulary.of(captions));
    Corpus learned = corpus.part(0, 250);
    Corpus held = corpus.part(250, corpus.rows());
    TrainingOptions options = TrainingOptions.DEFAULT;
    try (Device device = Devices.open("cpu", DeviceOptions.DEFAULT);
            Model model = new Model(device, Initializer.keras(
                    Setup.LAB.sized(32, 1, 32).model(corpus.vocabulary().size()), options.seed()));
            Trainer trainer = new Trainer(model, learned, options)) {
        double best = Double.POSITIVE_INFINITY;
        for (int epoch = 1; epoch <= 5; epoch++) {
            double loss = trainer.epoch(EpochListener.NONE).loss();
            double bits = Evaluation.of(model, held, options.batchSize()).bits();
            IO.println("epoch " + epoch + ": loss " + loss + ", " + bits + " bits on captions that it does not learn");
            if (bits < best) {
                best = bits;
                ModelFile.save(file, new SavedModel(model.config(), corpus.steps(), corpus.vocabulary(),
                        model.weights()));
            }
        }
    }
}
