package org.charlstm.serve;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import org.charlstm.CharlstmException;
import org.charlstm.sample.TextReader;
import org.charlstm.sample.TextState;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * Makes a JSON object of each symbol of a text, for a request's thread to take. A text waits as long as many have not
 * been taken.
 */
final class LineReader implements TextReader {
    /** Probabilities are told to so many places. */
    private static final double PLACES = 1e6;
    static final String BUSY = "the server has too much to do; try again later";
    /** Made in time, for a text that fails for want of memory. */
    private static final JsonObject NO_MEMORY = error("the server has no memory left");

    private final LoadedModel model;
    private final int top;
    private final int room;
    private final int layer;
    private final int from;
    private final Queue<JsonObject> lines = new ArrayDeque<>();
    private final List<double[]> units = new ArrayList<>();
    private double logProbability;
    private int scored;
    private int symbols;
    private boolean gone;
    private boolean over;
    private @Nullable CharlstmException failure;

    /**
     * A reader.
     *
     * @param model what the text is of
     * @param top   how many of the most probable symbols each line tells
     * @param room  how many lines may wait
     * @param layer of which LSTM layer outputs are kept, from 0
     */
    LineReader(LoadedModel model, int top, int room, int layer) {
        this(model, top, room, layer, 0);
    }

    /** The same that makes nothing of the symbols before a position, from 0. */
    LineReader(LoadedModel model, int top, int room, int layer, int from) {
        this.model = model;
        this.top = top;
        this.room = room;
        this.layer = layer;
        this.from = from;
    }

    @Override
    public synchronized boolean ready() {
        return lines.size() < room;
    }

    @Override
    public synchronized boolean listening() {
        return !gone;
    }

    /** Says that nobody reads any more. */
    synchronized void leave() {
        gone = true;
    }

    synchronized boolean isOver() {
        return over || gone;
    }

    @Override
    public void symbol(int position, int symbol, boolean given, double @Nullable [] logProbabilities) {
        JsonObject line = position < from ? null : line(position, symbol, given, logProbabilities);
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

    private JsonObject line(int position, int symbol, boolean given, double @Nullable [] logProbabilities) {
        Vocabulary vocabulary = model.vocabulary();
        JsonObject line = new JsonObject();
        line.addProperty("position", position);
        line.addProperty("char", vocabulary.name(symbol));
        if (given) {
            line.addProperty("given", true);
        }
        if (logProbabilities == null) {
            line.add("probability", JsonNull.INSTANCE);
        } else {
            line.addProperty("probability", rounded(Math.exp(logProbabilities[symbol])));
            if (top > 0) {
                line.add("top", best(vocabulary, logProbabilities));
            }
        }
        return line;
    }

    /** The most probable symbols, of equals those of lower ids. */
    private JsonArray best(Vocabulary vocabulary, double[] logProbabilities) {
        JsonArray best = new JsonArray();
        boolean[] taken = new boolean[logProbabilities.length];
        for (int i = 0; i < Math.min(top, taken.length); i++) {
            int next = -1;
            for (int j = 0; j < taken.length; j++) {
                if (!taken[j] && (next < 0 || logProbabilities[j] > logProbabilities[next])) {
                    next = j;
                }
            }
            taken[next] = true;
            JsonObject entry = new JsonObject();
            entry.addProperty("char", vocabulary.name(next));
            entry.addProperty("probability", rounded(Math.exp(logProbabilities[next])));
            best.add(entry);
        }
        return best;
    }

    static double rounded(double probability) {
        return Math.rint(probability * PLACES) / PLACES;
    }

    @Override
    public void hidden(int position, List<double[]> layers) {
        if (position >= 0) {
            units.add(layers.get(layer));
        }
    }

    /** The outputs of the layer after each symbol, once the text is over. */
    synchronized List<double[]> units() {
        return units;
    }

    @Override
    public void end(Ending how, @Nullable TextState state) {
        JsonObject line = new JsonObject();
        line.addProperty("end", how.name().toLowerCase(Locale.ROOT));
        line.addProperty("characters", how == Ending.END ? symbols - 1 : symbols);
        if (state != null) {
            line.addProperty("state", model.keep(state));
        }
        end(line);
    }

    @Override
    public synchronized void failed(CharlstmException why) {
        if (over) {
            return;
        }
        failure = why;
        over = true;
        notifyAll();
        try {
            lines.add(error(String.valueOf(why.getMessage())));
        } catch (OutOfMemoryError e) {
            // Who waits hears that it is over, if not why; where lines were there is room for this one.
            lines.clear();
            lines.add(NO_MEMORY);
        }
    }

    private static JsonObject error(String message) {
        JsonObject line = new JsonObject();
        line.addProperty("error", message);
        return line;
    }

    private synchronized void end(JsonObject line) {
        lines.add(line);
        over = true;
        notifyAll();
    }

    /**
     * Takes the lines that there are, and waits for one if there is none.
     *
     * @return none if none came in time, or all were taken; of a text that is over the last tells how it ended, or why
     *         it failed
     */
    synchronized List<JsonObject> take(long millis) {
        long end = System.nanoTime() + millis * 1_000_000;
        while (lines.isEmpty() && !over) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                break;
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        List<JsonObject> taken = List.copyOf(lines);
        lines.clear();
        return taken;
    }

    /** Waits for all lines; the last tells how the text ended, or why it failed. */
    List<JsonObject> all(long millis) {
        synchronized (this) {
            long end = System.nanoTime() + millis * 1_000_000;
            while (!over) {
                long left = (end - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    gone = true;
                    throw new Problem(503, BUSY);
                }
                try {
                    wait(left);
                } catch (InterruptedException e) {
                    gone = true;
                    Thread.currentThread().interrupt();
                    throw new Problem(503, "the server ends");
                }
            }
            if (failure != null) {
                throw new Problem(503, String.valueOf(failure.getMessage()));
            }
            return new ArrayList<>(lines);
        }
    }

    /** The sum over all symbols that something predicts. */
    synchronized double logProbability() {
        return logProbability;
    }

    /** How many those are. */
    synchronized int scored() {
        return scored;
    }
}
