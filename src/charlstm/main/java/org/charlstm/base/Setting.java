package org.charlstm.base;

import java.util.List;
import java.util.stream.Stream;
import org.charlstm.CharlstmException;
import org.charlstm.device.DeviceSetting;

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

    /** The settings that a failure names to mend it, or that its device leaves; often none. */
    public static List<Setting> mending(CharlstmException failure) {
        return Stream.concat(
                failure.remedies().stream().filter(Setting.class::isInstance).map(Setting.class::cast),
                DeviceSetting.mending(failure).stream().flatMap(each -> of(each).stream())).toList();
    }

    private static List<Setting> of(DeviceSetting setting) {
        return switch (setting) {
            case PRECISION -> List.of(PRECISION);
            case RNN_ENGINE -> List.of(RNN_ENGINE);
            case CUDNN_ALGORITHM -> List.of(CUDNN_ALGORITHM);
            case CORPUS -> List.of(SAMPLES, CAPTION_LENGTH, WINDOW);
            case BATCH_SIZE -> List.of(BATCH_SIZE);
            case UNITS -> List.of(UNITS);
        };
    }
}
