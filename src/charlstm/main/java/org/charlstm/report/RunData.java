package org.charlstm.report;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.IoFailure;
import org.charlstm.base.Json;
import org.charlstm.base.RegularFile;
import org.charlstm.base.UntrustedJson;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.train.Figures;

/** The contents of a run's folder; {@code step} is empty if operations were not measured. */
record RunData(JsonObject run, Map<String, Double> step, List<Figures> epochs, List<Sample> samples) {
    /** A limit far above all measured values, and far below values too large to draw. */
    private static final double MOST = 1e100;
    /** A limit far above the number of values in any object in a run's files. */
    private static final int MAX_VALUES = 10_000_000;
    private static final int MAX_EPOCHS = 1_000_000_000;

    record Sample(int epoch, List<String> sentences) {
    }

    /** The best epoch, from 1; {@code kept} says whether its model is in the folder. */
    record Best(int epoch, double loss, boolean kept) {
    }

    static RunData read(Path folder, JsonObject run) {
        return new RunData(run, operations(run), lines(folder.resolve(RunFolder.METRICS), RunData::figures),
                lines(folder.resolve(RunFolder.SAMPLES), (json, _) -> new Sample(epoch(json, 0),
                        UntrustedJson.strings("sentences", json.get("sentences")))));
    }

    /** The seconds of each operation of a step, in the file's order. */
    static Map<String, Double> operations(JsonObject json) {
        Map<String, Double> seconds = new LinkedHashMap<>();
        if (json.has("operations")) {
            UntrustedJson.objects(json, "operations", operation -> seconds.put(UntrustedJson.string(operation, "name"),
                    number(operation, "seconds", number -> number >= 0)));
        }
        return seconds;
    }

    /** Reads an epoch's figures; the epoch's number must be above the numbers before. */
    private static Figures figures(JsonObject json, List<Figures> before) {
        Map<String, Double> values = new LinkedHashMap<>();
        for (String name : json.keySet()) {
            UntrustedJson.require(name.matches("[a-z][a-z0-9_]*"), "no figure is called " + name);
            values.put(name, number(json, name));
        }
        values.remove("epoch");
        return new Figures(epoch(json, before.isEmpty() ? 1 : before.getLast().epoch()), values);
    }

    private static int epoch(JsonObject json, int atLeast) {
        double epoch = number(json, "epoch");
        UntrustedJson.require(epoch >= atLeast && epoch <= MAX_EPOCHS && epoch == Math.rint(epoch), "epoch is "
                + json.get("epoch") + "; it must be a whole number from " + atLeast + " on");
        return (int) epoch;
    }

    /** A member that is a number small enough to keep sums and conversions finite. */
    static double number(JsonObject json, String name) {
        return number(json, name, _ -> true);
    }

    static double positive(JsonObject json, String name) {
        return number(json, name, number -> number > 0);
    }

    private static double number(JsonObject json, String name, DoublePredicate right) {
        double number = UntrustedJson.number(json, name);
        UntrustedJson.require(Math.abs(number) <= MOST && right.test(number), name + " is " + json.get(name));
        return number;
    }

    /** The names of all figures. Epochs may lack figures; the epoch with the most determines the order. */
    static List<String> names(List<Figures> epochs) {
        return epochs.stream().sorted(Comparator.comparingInt(epoch -> -epoch.values().size()))
                .flatMap(epoch -> epoch.values().keySet().stream()).distinct().toList();
    }

    /** A line of names, then a line for each epoch, with missing figures left empty. No value needs quotes. */
    List<String> csv() {
        List<String> names = names(epochs);
        return Stream.concat(Stream.of("epoch," + String.join(",", names)), epochs.stream()
                .map(epoch -> Stream.concat(Stream.of(Integer.toString(epoch.epoch())), names.stream()
                        .map(name -> epoch.values().containsKey(name) ? Double.toString(epoch.get(name)) : ""))
                        .collect(Collectors.joining(","))))
                .toList();
    }

    /** The best epoch that the description names; empty if there is none. */
    Optional<Best> best() {
        if (!(run.get("best") instanceof JsonObject best)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Best(epoch(best, 1), number(best, "loss"),
                    !(best.get("kept") instanceof JsonPrimitive kept) || kept.getAsBoolean()));
        } catch (UntrustedJson.Unfit e) {
            return Optional.empty();
        }
    }

    /** Parses a file with an object. An exception says on one line what is wrong with the file. */
    static <T> T parsed(Path file, Function<JsonObject, T> maker) {
        return read(file, text -> maker.apply(Json.parse(text, MAX_VALUES)));
    }

    private static <T> T read(Path file, Function<String, T> parser) {
        String text;
        try {
            RegularFile.requireReadable(file);
            text = Files.readString(file);
        } catch (IOException e) {
            throw new CharlstmException(file + " cannot be read: " + IoFailure.of(e) + "; make it again, or restore it",
                    e);
        }
        return understood(file.toString(), () -> parser.apply(text));
    }

    static <T> T understood(String source, Supplier<T> parser) {
        return UntrustedJson.read(source + " is not what charlstm writes", "make it again, or restore it", parser);
    }

    /**
     * Parses a file's whole lines, giving the parser the earlier results; empty if the file is missing. A kill may
     * leave half a line, which is skipped.
     */
    private static <T> List<T> lines(Path file, BiFunction<JsonObject, List<T>, T> parser) {
        return !Files.exists(file) ? List.of() : read(file, text -> {
            List<T> parsed = new ArrayList<>();
            for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
                parsed.add(understood(file + ", line " + (parsed.size() + 1),
                        () -> parser.apply(Json.parse(line, MAX_VALUES), parsed)));
            }
            return parsed;
        });
    }
}
