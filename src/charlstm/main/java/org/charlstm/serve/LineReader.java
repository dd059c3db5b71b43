package org.charlstm.serve;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Json;
import org.charlstm.sample.step.GrowingText;
import org.charlstm.sample.streams.TextReceiver;
import org.charlstm.sample.streams.TextState;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a line for each symbol of a text, as numbers since there may be many, until a request's thread takes it. A text
 * pauses while many of its lines wait, and a long text pauses for short texts.
 */
final class LineReader implements TextReceiver {
    private static final double PLACES = 1e6;
    static final String BUSY = "the server has too much to do; try again later";
    /** Created in advance, for a text that fails because memory is full. */
    private static final JsonObject NO_MEMORY = Problem.json("the server has no memory left");

    private final LoadedModel model;
    private final Options options;
    private final Queue<Line> lines = new ArrayDeque<>();
    private final List<double[]> units = new ArrayList<>();
    private double logProbability;
    private int scored;
    private int symbols;
    private boolean gone;
    /** The last line, which says how the text ended or why it failed. */
    private @Nullable JsonObject last;
    private @Nullable CharlstmException failure;

    /**
     * The parts of a text that a request keeps: outputs of {@code layer}, -1 for none, and lines from {@code from} on.
     */
    record Options(boolean brief, int top, int room, int layer, int from) {
        /** All lines of a short text. */
        static Options all(int top) {
            return new Options(true, top, Integer.MAX_VALUE, -1, 0);
        }

        Options from(int position) {
            return new Options(brief, top, room, layer, position);
        }
    }

    /** A symbol with its probability, NaN if nothing predicts it, and the most probable symbols with theirs. */
    private record Line(int position, int symbol, boolean given, double probability, int[] top, double[] shares) {
    }

    LineReader(LoadedModel model, Options options) {
        this.model = model;
        this.options = options;
    }

    /** Whether long texts pause for this text; they do not while this text waits for its client. */
    synchronized boolean hurries() {
        return options.brief() && !isOver() && lines.size() < options.room();
    }

    @Override
    public synchronized boolean ready() {
        return lines.size() < options.room() && (options.brief() || !model.holdsLongTexts());
    }

    @Override
    public synchronized boolean listening() {
        return !gone;
    }

    /** Drops the text, because its client is gone. */
    synchronized void leave() {
        gone = true;
    }

    synchronized boolean isOver() {
        return last != null || gone;
    }

    @Override
    public void symbol(int position, int symbol, boolean given, double @Nullable [] logProbabilities) {
        Line line = position < options.from() ? null : line(position, symbol, given, logProbabilities);
        synchronized (this) {
            symbols++;
            if (logProbabilities != null) {
                logProbability += logProbabilities[symbol];
                scored++;
            }
            if (line != null) {
                lines.add(line);
                notifyAll();
            }
        }
    }

    private Line line(int position, int symbol, boolean given, double @Nullable [] logProbabilities) {
        if (logProbabilities == null) {
            return new Line(position, symbol, given, Double.NaN, new int[0], new double[0]);
        }
        int[] best = best(logProbabilities);
        return new Line(position, symbol, given, Math.exp(logProbabilities[symbol]), best,
                IntStream.of(best).mapToDouble(each -> Math.exp(logProbabilities[each])).toArray());
    }

    /** The most probable symbols; if probabilities are equal, lower ids come first. */
    private int[] best(double[] logProbabilities) {
        int[] best = new int[Math.min(options.top(), logProbabilities.length)];
        boolean[] taken = new boolean[logProbabilities.length];
        for (int i = 0; i < best.length; i++) {
            int next = -1;
            for (int j = 0; j < taken.length; j++) {
                if (!taken[j] && (next < 0 || logProbabilities[j] > logProbabilities[next])) {
                    next = j;
                }
            }
            taken[next] = true;
            best[i] = next;
        }
        return best;
    }

    private JsonObject json(Line line) {
        JsonObject json = Json.object("position", line.position(), "char", model.vocabulary().name(line.symbol()));
        if (line.given()) {
            json.addProperty("given", true);
        }
        json.addProperty("probability", Double.isNaN(line.probability()) ? null : rounded(line.probability()));
        if (line.top().length > 0) {
            JsonArray best = new JsonArray();
            for (int i = 0; i < line.top().length; i++) {
                best.add(Json.object("char", model.vocabulary().name(line.top()[i]), "probability",
                        rounded(line.shares()[i])));
            }
            json.add("top", best);
        }
        return json;
    }

    static double rounded(double probability) {
        return Math.rint(probability * PLACES) / PLACES;
    }

    @Override
    public void hidden(int position, List<double[]> layers) {
        if (position >= 0 && options.layer() >= 0) {
            units.add(layers.get(options.layer()));
        }
    }

    /** The layer's outputs after each symbol; complete once the text has ended. */
    synchronized List<double[]> units() {
        return units;
    }

    @Override
    public void end(GrowingText.Ending how, @Nullable TextState state) {
        JsonObject line = Json.object("end", how.name().toLowerCase(Locale.ROOT), "characters",
                how == GrowingText.Ending.END ? symbols - 1 : symbols);
        if (state != null) {
            line.addProperty("state", model.keep(state));
        }
        synchronized (this) {
            last = line;
            notifyAll();
        }
    }

    @Override
    public synchronized void failed(CharlstmException why) {
        if (last != null) {
            return;
        }
        failure = why;
        last = NO_MEMORY;
        notifyAll();
        try {
            last = Problem.json(String.valueOf(why.getMessage()));
        } catch (OutOfMemoryError e) {
            // The text has ended anyway, with the message created in advance.
        }
    }

    /** Takes waiting lines, or the next one within a time. The last line says how the text ended or why it failed. */
    List<JsonObject> take(int most, long millis) {
        List<Line> taken = new ArrayList<>();
        JsonObject end;
        synchronized (this) {
            await(() -> !lines.isEmpty() || last != null, millis);
            while (taken.size() < most && !lines.isEmpty()) {
                taken.add(lines.remove());
            }
            end = lines.isEmpty() ? last : null;
        }
        return Stream.concat(taken.stream().map(this::json), Optional.ofNullable(end).stream()).toList();
    }

    /** Waits for all lines; the last line says how the text ended. */
    List<JsonObject> all(long millis) {
        synchronized (this) {
            if (!await(() -> last != null, millis)) {
                gone = true;
                throw new Problem(503, Thread.currentThread().isInterrupted() ? "the server ends" : BUSY);
            }
            if (failure != null) {
                throw new Problem(503, String.valueOf(failure.getMessage()));
            }
        }
        return take(Integer.MAX_VALUE, 0);
    }

    /** Waits for a condition; returns whether it became true in time and without an interruption. */
    private synchronized boolean await(BooleanSupplier condition, long millis) {
        long end = System.nanoTime() + millis * 1_000_000;
        try {
            while (!condition.getAsBoolean()) {
                long left = (end - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    return false;
                }
                wait(left);
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    synchronized double logProbability() {
        return logProbability;
    }

    synchronized int scored() {
        return scored;
    }
}
