package org.charlstm.keras;

import module java.base;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.ModelConfig;

/** A format that a model can be exported to. */
public enum ExportFormat {
    /** A whole model as a .keras archive of Keras 3. */
    KERAS3,
    /** A whole model as HDF5, for load_model and load_weights of Keras 2 and 3. */
    KERAS,
    /** Weights alone, as in Keras 3. */
    WEIGHTS,
    /** Weights as safetensors, under the names of nn.LSTM, nn.GRU, nn.RNN and nn.Linear. */
    PYTORCH;

    /** The format that a file's ending names; of several endings that fit, the longest counts. */
    public static Optional<ExportFormat> of(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return Stream.of(WEIGHTS, KERAS, KERAS3, PYTORCH).filter(format -> format.isAskedBy(name)).findFirst();
    }

    /** Whether programs that go by a file's name would read this format from it; true if the name implies no format. */
    public boolean fits(Path file) {
        return of(file).map(said -> said == this || (said.isHdf5() && isHdf5())).orElse(true);
    }

    private boolean isHdf5() {
        return this == KERAS || this == WEIGHTS;
    }

    private boolean isAskedBy(String name) {
        return switch (this) {
            case KERAS3 -> name.endsWith(".keras");
            case KERAS -> name.endsWith(".h5") || name.endsWith(".hdf5");
            case WEIGHTS -> name.endsWith(".weights.h5");
            case PYTORCH -> name.endsWith(".safetensors");
        };
    }

    /** Writes a model without its vocabulary, atomically, replacing a link. A failure leaves an old file untouched. */
    public void write(Path file, SavedModel model) {
        switch (this) {
            case KERAS3 -> KerasExport.archive(file, model);
            case KERAS -> KerasExport.model(file, model);
            case WEIGHTS -> KerasExport.weights(file, model);
            case PYTORCH -> PyTorchExport.write(file, model);
        }
    }

    /** Whether a model uses the hard_sigmoid of Keras 1 and 2, which is a different function in Keras 3. */
    public static boolean isOfKeras2Alone(ModelConfig config) {
        return config.cells().stream().anyMatch(cell -> RecurrentActivation.HARD_SIGMOID.toString()
                .equals(cell.options().get(RecurrentCell.GATES)));
    }

    /** The format's name on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
