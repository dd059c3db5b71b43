// Gives the model of a run to Keras and takes it back, as one takes any model that Keras wrote.
// Needs the library, as the README says, and --add-modules jdk.incubator.vector; after TrainAndSample:
//     examples/run ToKerasAndBack.java

import java.nio.file.Path;
import java.util.Optional;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.keras.Alphabet;
import org.charlstm.keras.ExportFormat;
import org.charlstm.keras.KerasFile;
import org.charlstm.keras.KerasImport;
import org.charlstm.nn.Model;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.text.Vocabulary;

void main(String[] arguments) {
    SavedModel saved = ModelFile.load(Path.of(arguments.length == 0 ? "runs/example" : arguments[0]));
    Path file = Path.of("model.h5");
    ExportFormat.KERAS.write(file, saved);
    KerasImport imported = KerasImport.of(KerasFile.read(file), Optional.empty());
    imported.assumptions().forEach(IO::println);
    // A Keras file has columns, not characters: those are known from the text that it learned.
    String characters = saved.requireVocabulary().characters();
    Vocabulary vocabulary = Alphabet.of(characters, imported.weights().config().symbols());
    try (Device device = Devices.open("cpu", DeviceOptions.DEFAULT);
            Model model = new Model(device, imported.weights())) {
        SamplingOptions options = SamplingOptions.DEFAULT.maxLength(saved.steps());
        new Sampler(model, vocabulary, options).sentences(3).forEach(IO::println);
    }
}
