package org.charlstm.base;

import java.util.List;
import org.charlstm.CharlstmException;
import org.charlstm.DeviceException;
import org.charlstm.cuda.CudaException;

/** A setting that a failure names, because another value of it mends the failure. */
public enum Setting {
    /** The character encoding of a text. */
    ENCODING,
    /** The number of rows taken of a text. */
    SAMPLES,
    /** The greatest length of a caption. */
    CAPTION_LENGTH,
    /** Time steps of a window of running text. */
    WINDOW,
    /** How often a text must have a character that gets a symbol of its own. */
    MIN_COUNT,
    /** Whether a text is put in lower case. */
    LOWER_CASE,
    /** Rows of features that captions are about. */
    CONDITION,
    /** The same of captions for validation. */
    VALIDATION_CONDITION,
    /** Sequences in a step. */
    BATCH_SIZE,
    /** Units of the LSTM layers. */
    UNITS,
    /** The model that training starts from. */
    INITIAL_MODEL,
    /** The engine that runs the LSTM on a GPU. */
    RNN_ENGINE,
    /** The algorithm of cuDNN that runs the LSTM. */
    CUDNN_ALGORITHM,
    /** How exactly a GPU computes. */
    PRECISION,
    /** How long ranks wait for each other. */
    RANK_TIMEOUT,
    /** The file or folder that is written. */
    OUTPUT,
    /** Whether what is there already is written over. */
    OVERWRITE,
    /** The run to go on with. */
    RESUME,
    /** The kind of file that a model is exported to. */
    FILE_FORMAT,
    /** The characters before the one that is predicted. */
    PREFIX,
    /** The characters that a sentence begins with. */
    BEGINNING,
    /** A file of such beginnings. */
    BEGINNINGS,
    /** The most characters of a sentence. */
    TEXT_LENGTH,
    /** The TCP port of a server. */
    PORT,
    /** The network address of a server. */
    ADDRESS;

    /** cuDNN's CUDNN_STATUS_NOT_SUPPORTED and its like, 3000 to 3999. */
    private static final int NOT_SUPPORTED = 3;

    /** The settings that a failure names to mend it, or that a GPU's status or a lack of memory leaves; often none. */
    public static List<Setting> mending(CharlstmException failure) {
        if (!failure.remedies().isEmpty()) {
            return failure.remedies().stream().filter(Setting.class::isInstance).map(Setting.class::cast)
                    .toList();
        }
        if (failure instanceof CudaException call && call.call().startsWith("cudnn")
                && call.status() / 1000 == NOT_SUPPORTED) {
            return List.of(CUDNN_ALGORITHM);
        }
        return failure instanceof DeviceException device && device.outOfMemory() ? List.of(BATCH_SIZE, UNITS)
                : List.of();
    }
}
