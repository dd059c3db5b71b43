package org.charlstm.run.folder;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Refuse;
import org.charlstm.io.SavedModel;
import org.charlstm.text.Captions;
import org.charlstm.train.PaddingMode;
import org.charlstm.train.TrainingOptions;

/**
 * How training arranged its text in batches. The stride is the distance between the beginnings of consecutive windows,
 * 0 for captions. A model file keeps the layout for the evaluation of other texts.
 */
public record TextLayout(PaddingMode padding, boolean streams, int batchSize, int stride) {
    public TextLayout {
        Refuse.argumentIf(batchSize < 1 || stride < 0, "batches of " + batchSize + " rows, " + stride + " apart");
    }

    public static TextLayout of(TrainingOptions training, Captions text) {
        return new TextLayout(training.padding(), training.streams(), training.batchSize(), text.stride());
    }

    /** The layout in a model's metadata; missing values are the lab's, with windows that do not overlap. */
    public static TextLayout of(SavedModel model, String file) {
        Map<String, String> kept = model.layout();
        boolean running = !model.requireVocabulary().hasMarkers();
        try {
            TextLayout layout = new TextLayout(PaddingMode.of(kept.getOrDefault("padding", PaddingMode.LAB.toString())),
                    Boolean.parseBoolean(kept.get("streams")),
                    Integer.parseInt(kept.getOrDefault("batch_size", "" + TrainingOptions.BATCH_SIZE)),
                    Integer.parseInt(kept.getOrDefault("stride", running ? "" + model.steps() : "0")));
            Refuse.argumentIf(running != layout.stride > 0,
                    "windows, each " + layout.stride + " behind the one before");
            return layout;
        } catch (IllegalArgumentException e) {
            throw new CharlstmException(file + " has a broken description of its text's layout in its metadata", e);
        }
    }

    public Map<String, String> words() {
        Map<String, String> words = new LinkedHashMap<>();
        words.put("padding", padding.toString());
        words.put("streams", "" + streams);
        words.put("batch_size", "" + batchSize);
        if (stride > 0) {
            words.put("stride", "" + stride);
        }
        return words;
    }

    /**
     * Options that evaluate a model with the batch size, padding and streams of its training; all others are the
     * defaults.
     */
    public TrainingOptions options() {
        return TrainingOptions.DEFAULT.batchSize(batchSize).padding(padding).streams(streams);
    }
}
