package org.charlstm.run;

import java.util.LinkedHashMap;
import java.util.Map;
import org.charlstm.CharlstmException;
import org.charlstm.io.SavedModel;
import org.charlstm.text.Captions;
import org.charlstm.train.PaddingMode;
import org.charlstm.train.TrainingOptions;

/**
 * How a training laid out its text. The model keeps it, so that other texts can be laid out alike.
 *
 * @param padding   what it made of padding
 * @param streams   whether windows went on from those before
 * @param batchSize rows side by side
 * @param stride    how far each window begins behind the one before; 0 for captions
 */
public record TextLayout(PaddingMode padding, boolean streams, int batchSize, int stride) {
    /** Refuses what no training has. */
    public TextLayout {
        if (batchSize < 1 || stride < 0) {
            throw new IllegalArgumentException("batches of " + batchSize + " rows, " + stride + " apart");
        }
    }

    static TextLayout of(TrainingOptions training, Captions text) {
        return new TextLayout(training.padding(), training.streams(), training.batchSize(), text.stride());
    }

    /**
     * The layout that a model keeps.
     *
     * @param place where it is from, for messages
     * @return its training's; the lab's, of windows that do not overlap, where it does not say
     * @throws CharlstmException if what it says cannot be
     */
    public static TextLayout of(SavedModel model, String place) {
        Map<String, String> said = model.layout();
        boolean running = !model.requireVocabulary().hasMarkers();
        try {
            TextLayout layout = new TextLayout(PaddingMode.of(said.getOrDefault("padding", PaddingMode.LAB.title())),
                    Boolean.parseBoolean(said.get("streams")),
                    Integer.parseInt(said.getOrDefault("batch_size", "" + TrainingOptions.BATCH_SIZE)),
                    Integer.parseInt(said.getOrDefault("stride", running ? "" + model.steps() : "0")));
            if (running != layout.stride > 0) {
                throw new IllegalArgumentException("windows, each " + layout.stride + " behind the one before");
            }
            return layout;
        } catch (IllegalArgumentException e) {
            throw new CharlstmException(place + " has a broken description of its text's layout in its metadata", e);
        }
    }

    Map<String, String> words() {
        Map<String, String> words = new LinkedHashMap<>();
        words.put("padding", padding.title());
        words.put("streams", "" + streams);
        words.put("batch_size", "" + batchSize);
        if (stride > 0) {
            words.put("stride", "" + stride);
        }
        return words;
    }

    /**
     * How to evaluate a model as it was in training.
     *
     * @return options, whose rest is the lab's
     */
    public TrainingOptions options() {
        return TrainingOptions.DEFAULT.batchSize(batchSize).padding(padding).streams(streams);
    }
}
