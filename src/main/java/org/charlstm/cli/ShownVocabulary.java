package org.charlstm.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.charlstm.Quantity;
import org.charlstm.io.PreprocessingJson;
import org.charlstm.text.Preprocessing;
import org.charlstm.text.Vocabulary;

/** The symbols of a model. */
record ShownVocabulary(Vocabulary vocabulary) {
    private static final int WIDTH = 78;
    /** Symbols whose share is said. */
    private static final int FREQUENT = 3;

    /** Whether of letters that have two cases there are small ones alone. */
    private boolean isLowerCase() {
        return vocabulary.characters().codePoints().anyMatch(Character::isLowerCase) && vocabulary.characters()
                .codePoints().noneMatch(c -> Character.isUpperCase(c) || Character.isTitleCase(c));
    }

    /** How many, and each of them in the order of their ids. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        int characters = vocabulary.size() - (vocabulary.hasMarkers() ? 2 : 0);
        lines.add(ShownModel.row("symbols", String.format(Locale.ROOT, "%s, %s start and end%s",
                Quantity.of(characters, "characters"),
                vocabulary.hasMarkers() ? "then" : "no", isLowerCase() ? "; lower case only" : "")));
        String how = preprocessing();
        if (!how.isEmpty()) {
            lines.add(ShownModel.row("takes text", how));
        }
        StringBuilder line = new StringBuilder();
        for (int id = 0; id < characters; id++) {
            String symbol = Printable.symbol(vocabulary.name(id));
            if (!line.isEmpty() && ShownModel.row("", line + " " + symbol).length() > WIDTH) {
                lines.add(ShownModel.row("", line.toString()));
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(symbol);
        }
        lines.add(ShownModel.row("", line.toString()));
        frequent().ifPresent(each -> lines.add(ShownModel.row("begins with", each)));
        return lines;
    }

    /** How often the text that was learned has the symbols that it has most often; empty where that is unknown. */
    private Optional<String> frequent() {
        long[] counts = vocabulary.counts();
        if (counts == null) {
            return Optional.empty();
        }
        double total = LongStream.of(counts).sum();
        return Optional.of("each as often as its text has it: " + IntStream.range(0, counts.length).boxed()
                .sorted(Comparator.comparingLong(id -> -counts[id])).limit(FREQUENT)
                .map(id -> String.format(Locale.ROOT, "%s %.1f %%", Printable.symbol(vocabulary.name(id)),
                        100 * counts[id] / total))
                .collect(Collectors.joining(", ")));
    }

    /** The preprocessing of texts; empty where there is none. */
    private String preprocessing() {
        Preprocessing how = vocabulary.preprocessing();
        List<String> parts = new ArrayList<>();
        if (how.form() != null) {
            parts.add("in " + how.form());
        }
        if (how.lowerCase()) {
            parts.add("in lower case");
        }
        if (how.alphabet() != null) {
            parts.add("without characters beyond an alphabet of "
                    + how.alphabet().codePointCount(0, how.alphabet().length()));
        }
        if (how.minCount() > 0) {
            parts.add("with U+FFFD for those that it had less than " + Quantity.of(how.minCount(), "times"));
        }
        return String.join(", ", parts);
    }

    JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("symbols", vocabulary.size());
        json.addProperty("characters", vocabulary.characters());
        json.addProperty("start_and_end", vocabulary.hasMarkers());
        json.addProperty("lower_case_only", isLowerCase());
        if (!vocabulary.preprocessing().equals(Preprocessing.NONE)) {
            json.add("preprocessing", PreprocessingJson.of(vocabulary.preprocessing()));
        }
        long[] counts = vocabulary.counts();
        if (counts != null) {
            JsonArray each = new JsonArray();
            LongStream.of(counts).forEach(each::add);
            json.add("counts", each);
        }
        return json;
    }
}
