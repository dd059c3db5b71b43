package org.charlstm.base;

import java.util.List;
import java.util.stream.Stream;
import org.charlstm.CharlstmException;
import org.charlstm.device.DeviceSetting;

/** A setting that a failure names because another value may mend the failure. */
public enum Setting {
    /** The character encoding of a text. */
    ENCODING,
    /** The number of rows taken from a text. */
    SAMPLES,
    /** The greatest length of a caption. */
    CAPTION_LENGTH,
    /** The number of time steps of a window of running text. */
    WINDOW,
    /** The number of occurrences that gives a character its own symbol. */
    MIN_COUNT,
    /** Whether a text is converted to lower case. */
    LOWER_CASE,
    /** The features, a row per caption, that captions are conditioned on. */
    CONDITION,
    /** The features of the captions for validation. */
    VALIDATION_CONDITION,
    /** The number of sequences in a step. */
    BATCH_SIZE,
    /** The number of units of the recurrent layers. */
    UNITS,
    /** The model that training starts from. */
    INITIAL_MODEL,
    /** The engine that runs the LSTM on a GPU. */
    RNN_ENGINE,
    /** The cuDNN algorithm that runs the LSTM. */
    CUDNN_ALGORITHM,
    /** The precision of a GPU's computation. */
    PRECISION,
    /** How long ranks wait for each other. */
    RANK_TIMEOUT,
    /** The file or folder that is written. */
    OUTPUT,
    /** Whether existing output is overwritten. */
    OVERWRITE,
    /** The run to resume. */
    RESUME,
    /** The kind of file that a model is exported to. */
    FILE_FORMAT,
    /** The characters before the character to predict. */
    PREFIX,
    /** The characters that a sentence begins with. */
    BEGINNING,
    /** A file with beginnings of sentences. */
    BEGINNINGS,
    /** The greatest number of characters in a sentence. */
    TEXT_LENGTH,
    /** The TCP port of a server. */
    PORT,
    /** The network address of a server. */
    ADDRESS;

    /** The settings that may avoid a failure, as named by the failure or by its device; often empty. */
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
