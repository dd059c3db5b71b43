package org.charlstm.serve;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Json;
import org.charlstm.base.Quantity;
import org.charlstm.device.Draw;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.sample.streams.TextPlan;
import org.charlstm.sample.streams.TextState;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/** Answers requests in which a model writes or reads a text. */
final class TextRequests {
    /** The greatest number of characters of a text that a model writes. */
    static final int MAX_LENGTH = 100_000;
    /** The greatest number of characters of a text in a request. */
    static final int MAX_GIVEN = 4000;
    /** The greatest number of values in a heat map. */
    static final int MAX_UNITS = 1_000_000;
    private static final int MAX_TOP = 20;
    /** The greatest length of a stop text; as many characters are held back until they cannot be part of it. */
    private static final int MAX_STOP = 100;
    private static final int MAX_TEMPERATURE = 100;
    /** How many lines may wait for a client before the text pauses. */
    private static final int ROOM = 256;
    /** How many lines are sent at once; a slow client keeps as many more in memory. */
    private static final int SENT = 32;
    /** A client that waits for its turn is sent a line this often; sending fails if the client is gone. */
    private static final long PULSE_MILLIS = 2000;
    private static final long ANSWER_MILLIS = 60_000;
    private static final int MAX_TEXTS = 256;
    /** The limit on long texts among them, which leaves room for short texts. */
    private static final int MAX_LONG = 128;
    private static final int BRIEF = MAX_GIVEN;
    /** The limit on concurrent answers with much data per character: each takes tens of megabytes until it is sent. */
    static final int MAX_LARGE = 4;

    private final Catalog catalog;
    private final DeviceThread deviceThread;
    private final Semaphore room = new Semaphore(MAX_TEXTS);
    private final Semaphore longRoom = new Semaphore(MAX_LONG);
    private final Semaphore largeRoom = new Semaphore(MAX_LARGE);

    private interface Action {
        void run() throws IOException;
    }

    TextRequests(Catalog catalog, DeviceThread deviceThread) {
        this.catalog = catalog;
        this.deviceThread = deviceThread;
    }

    /** The number of current texts, including texts that the thread has not dropped yet. */
    int open() {
        return Math.max(MAX_TEXTS - room.availablePermits(), deviceThread.texts());
    }

    private LoadedModel model(Fields fields) {
        String id = fields.text("model", 200);
        if (id.isEmpty() && catalog.models().size() == 1) {
            id = catalog.models().keySet().iterator().next();
        } else if (id.isEmpty()) {
            throw new Problem(400, "model is missing; /api/models lists them");
        }
        LoadedModel model = deviceThread.model(catalog.model(id));
        Problem.throwIf(model.saved.vocabulary() == null, 422,
                "the model's file holds bare tensors without a vocabulary");
        return model;
    }

    /** The features that a conditioned model takes; empty for another model. */
    private static double[] features(Fields fields, LoadedModel model) {
        int count = model.saved.config().features();
        Problem.throwIf(fields.has("features") == (count == 0), 422,
                count == 0 ? "the model's texts are about nothing; leave features out"
                        : "features is missing: the model takes " + Quantity.of(count, "numbers")
                                + " that a text is about");
        return count == 0 ? new double[0] : fields.numbers("features", count);
    }

    private static int[] encode(Vocabulary vocabulary, String text, String name) {
        try {
            return vocabulary.encode(text, name);
        } catch (CharlstmException e) {
            throw new Problem(422, String.valueOf(e.getMessage()));
        }
    }

    private static void requireBeginning(Vocabulary vocabulary, int[] given, String name) {
        Problem.throwIf(given.length == 0 && !vocabulary.hasMarkers() && vocabulary.counts() == null, 422,
                "the model has no start symbol to begin with; give a " + name);
    }

    /** Writes a text: streams a line of JSON for each character. */
    void sample(Call call) throws IOException {
        Fields fields = new Fields(call.body());
        LoadedModel model = model(fields);
        String prime = fields.text("prime", MAX_GIVEN);
        Draw draw = new Draw(fields.number("temperature", 1, 0, MAX_TEMPERATURE),
                (int) fields.whole("top_k", Draw.ALL, 1, Draw.ALL),
                fields.number("top_p", 1, Double.MIN_VALUE, 1));
        SamplingOptions options = SamplingOptions.DEFAULT.draw(draw)
                .seed(fields.whole("seed", 1, Long.MIN_VALUE, Long.MAX_VALUE))
                .maxLength((int) fields.whole("max_length", SamplingOptions.DEFAULT.maxLength(), 1, MAX_LENGTH))
                .pastEnd(fields.flag("past_end")).keepState(fields.flag("keep_state"));
        int sentence = (int) fields.whole("sentence", 0, 0, Integer.MAX_VALUE);
        String before = fields.text("state", 100);
        String stop = fields.text("stop", MAX_STOP);
        double[] features = features(fields, model);
        int top = (int) fields.whole("top", 0, 0, MAX_TOP);
        fields.end();
        encode(model.vocabulary(), stop, "stop");
        int[] given = encode(model.vocabulary(), prime, "the prime");
        requireBeginning(model.vocabulary(), given, "prime");
        Problem.throwIf(given.length > options.maxLength(), 400, "max_length is less than the prime has");
        boolean carried = options.keepState() || !before.isEmpty();
        requireState(model, carried);
        Problem.throwIf(carried && features.length > 0, 422,
                "a text begins from its features, and not from where another ended");
        TextState from = before.isEmpty() ? null : model.state(before);
        boolean brief = options.maxLength() <= BRIEF;
        LineReader reader = new LineReader(model, new LineReader.Options(brief, top, ROOM, -1, 0));
        TextPlan plan = new TextPlan(given, options.stop(stop), sentence, false, features, from);
        if (!brief) {
            requireRoom(longRoom.tryAcquire(), MAX_LONG + " texts of more than " + BRIEF + " characters");
        }
        try {
            withText(model, plan, reader, () -> send(call, reader));
        } finally {
            if (!brief) {
                longRoom.release();
            }
        }
    }

    private static void requireRoom(boolean acquired, String texts) {
        Problem.throwIf(!acquired, 503, texts + " are read and written already; try again later");
    }

    /** Starts a text, whose lines an action takes. The text ends when the action ends. */
    private void withText(LoadedModel model, TextPlan plan, LineReader reader, Action action) throws IOException {
        requireRoom(room.tryAcquire(), MAX_TEXTS + " texts");
        try {
            deviceThread.submit(model, plan, reader);
            action.run();
        } finally {
            room.release();
            reader.leave();
            deviceThread.wake();
        }
    }

    private void send(Call call, LineReader reader) throws IOException {
        boolean more = true;
        while (more) {
            List<JsonObject> lines = reader.take(SENT, PULSE_MILLIS);
            deviceThread.wake();
            // The last line decides: the text may have moved on since these lines were taken.
            more = lines.isEmpty() || !(lines.getLast().has("end") || lines.getLast().has("error"));
            lines = lines.isEmpty() ? List.of(Json.object("waiting", true)) : lines;
            call.part("application/x-ndjson; charset=utf-8",
                    lines.stream().map(line -> Json.compact(line) + "\n").collect(Collectors.joining()));
        }
    }

    private static void requireState(LoadedModel model, boolean wanted) {
        Problem.throwIf(wanted && model.saved.window() > 0, 422,
                "the model predicts from its last " + model.saved.window() + " characters alone and carries no "
                        + "state");
    }

    void top(Call call) throws IOException {
        Fields fields = new Fields(call.body());
        LoadedModel model = model(fields);
        String prefix = fields.text("prefix", MAX_GIVEN);
        int k = (int) fields.whole("k", 10, 1, MAX_TOP);
        double[] features = features(fields, model);
        fields.end();
        int[] given = encode(model.vocabulary(), prefix, "the prefix");
        requireBeginning(model.vocabulary(), given, "prefix");
        SamplingOptions options = SamplingOptions.DEFAULT.temperature(0).maxLength(given.length + 1);
        List<JsonObject> lines = read(model, new TextPlan(given, options, 0, false, features, null),
                new LineReader(model, LineReader.Options.all(k).from(given.length)));
        call.json(200, Json.object("top", lines.getFirst().get("top")));
    }

    /** Sends a large answer when there is room for it. */
    private void large(Action answer) throws IOException {
        try {
            Problem.throwIf(!largeRoom.tryAcquire(ANSWER_MILLIS, TimeUnit.MILLISECONDS), 503, LineReader.BUSY);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Problem(503, "the server ends");
        }
        try {
            answer.run();
        } finally {
            largeRoom.release();
        }
    }

    private List<JsonObject> read(LoadedModel model, TextPlan plan, LineReader reader) throws IOException {
        List<JsonObject> lines = new ArrayList<>();
        withText(model, plan, reader, () -> lines.addAll(reader.all(ANSWER_MILLIS)));
        return lines;
    }

    /** A text's symbols, followed by the end symbol if the model has one. */
    private static int[] withEnd(Vocabulary vocabulary, String text) {
        int[] symbols = encode(vocabulary, text, "the text");
        if (vocabulary.hasMarkers()) {
            symbols = Arrays.copyOf(symbols, symbols.length + 1);
            symbols[symbols.length - 1] = vocabulary.end();
        } else if (symbols.length == 0) {
            throw new Problem(422, "the text is empty");
        }
        return symbols;
    }

    void score(Call call) throws IOException {
        Fields fields = new Fields(call.body());
        LoadedModel model = model(fields);
        String text = fields.text("text", MAX_GIVEN);
        int top = (int) fields.whole("top", 0, 0, MAX_TOP);
        double[] features = features(fields, model);
        fields.end();
        TextPlan plan = TextPlan.reading(withEnd(model.vocabulary(), text), features, false);
        if (top > 0) {
            large(() -> score(call, model, plan, top));
        } else {
            score(call, model, plan, top);
        }
    }

    private void score(Call call, LoadedModel model, TextPlan plan, int top) throws IOException {
        LineReader reader = new LineReader(model, LineReader.Options.all(top));
        List<JsonObject> lines = read(model, plan, reader);
        JsonArray characters = new JsonArray();
        lines.subList(0, lines.size() - 1).forEach(line -> {
            line.remove("given");
            line.remove("position");
            characters.add(line);
        });
        int symbols = reader.scored();
        call.json(200, Json.object("log_probability", reader.logProbability(), "symbols", symbols,
                "bits_per_character", finite(-reader.logProbability() / Math.log(2) / symbols), "perplexity",
                finite(Math.exp(-reader.logProbability() / symbols)), "characters", characters));
    }

    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }

    /** The outputs of a recurrent layer after each character of a text. */
    void hidden(Call call) throws IOException {
        Fields fields = new Fields(call.body());
        LoadedModel model = model(fields);
        String text = fields.text("text", MAX_GIVEN);
        List<RecurrentLayer> layers = model.saved.config().layers(RecurrentLayer.class);
        int layer = (int) fields.whole("layer", 1, 1, layers.size());
        double[] features = features(fields, model);
        fields.end();
        requireState(model, true);
        int[] symbols = encode(model.vocabulary(), text, "the text");
        int units = layers.get(layer - 1).units();
        Problem.throwIf(symbols.length == 0 || (long) symbols.length * units > MAX_UNITS, 422,
                "the text has " + symbols.length + " characters; of " + units + " units there can be from 1 to "
                        + MAX_UNITS / units);
        TextPlan plan = TextPlan.reading(symbols, features, true);
        JsonObject json = Json.object("layer", layer, "units", units, "characters",
                Json.array(IntStream.of(symbols).mapToObj(model.vocabulary()::name).toList()));
        large(() -> {
            json.add("values", units(model, plan, layer));
            call.json(200, json);
        });
    }

    private JsonArray units(LoadedModel model, TextPlan plan, int layer) throws IOException {
        LineReader reader = new LineReader(model,
                new LineReader.Options(true, 0, Integer.MAX_VALUE, layer - 1, Integer.MAX_VALUE));
        read(model, plan, reader);
        JsonArray values = new JsonArray();
        for (double[] row : reader.units()) {
            JsonArray each = new JsonArray(row.length);
            for (double value : row) {
                each.add(Math.rint(value * 1e4) / 1e4);
            }
            values.add(each);
        }
        return values;
    }
}
