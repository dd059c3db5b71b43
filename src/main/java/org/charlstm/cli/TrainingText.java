package org.charlstm.cli;

import com.google.gson.JsonObject;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;

/**
 * What a run learns, and what it is held against.
 *
 * @param captions         where all of it comes from, captions held back included
 * @param corpus           what is learned
 * @param validation       what is held against, or null
 * @param validationSource where that comes from, or null
 */
record TrainingText(Captions captions, Corpus corpus, Corpus validation, String validationSource) {
    /** What a row is. */
    String unit() {
        return corpus.vocabulary().hasMarkers() ? "captions" : "windows";
    }

    JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("source", captions.source());
        json.addProperty("unit", unit());
        json.addProperty("captions", captions.size());
        json.addProperty("characters", captions.characters());
        json.addProperty("skipped", captions.skipped());
        if (validation != null) {
            json.addProperty("validation", validationSource);
            json.addProperty("validation_captions", validation.rows());
        }
        return json;
    }
}
