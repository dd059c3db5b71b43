package org.charlstm.serve;

import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import org.charlstm.CharlstmException;
import org.charlstm.device.Device;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Model;
import org.charlstm.sample.TextPlan;
import org.charlstm.sample.TextState;
import org.charlstm.sample.TextStreams;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * A model with the texts that go through it. What is on the device belongs to the engine's thread; states that texts
 * left are kept on the host, the latest of them.
 */
final class LoadedModel {
    /** Texts side by side; more wait. */
    static final int MAX_TEXTS = 64;
    /** States that are kept for who goes on. */
    private static final int MAX_STATES = 64;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Device device;
    private final SavedModel saved;
    private final Engine.Version version;
    private final Map<String, TextState> states = new LinkedHashMap<>();
    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private final Set<LineReader> reading = new LinkedHashSet<>();
    private @Nullable Model model;
    private @Nullable TextStreams streams;
    private volatile boolean retired;

    private record Waiting(TextPlan plan, LineReader reader) {
    }

    LoadedModel(Device device, SavedModel saved, Engine.Version version) {
        this.device = device;
        this.saved = saved;
        this.version = version;
    }

    Engine.Version version() {
        return version;
    }

    SavedModel saved() {
        return saved;
    }

    Vocabulary vocabulary() {
        return saved.requireVocabulary();
    }

    /** Keeps a state under a name that nobody can guess. */
    String keep(TextState state) {
        byte[] bits = new byte[12];
        RANDOM.nextBytes(bits);
        String name = Base64.getUrlEncoder().encodeToString(bits);
        synchronized (states) {
            states.put(name, state);
            if (states.size() > MAX_STATES) {
                states.remove(states.keySet().iterator().next());
            }
        }
        return name;
    }

    /** A state that was kept. */
    TextState state(String name) {
        synchronized (states) {
            TextState state = states.get(name);
            if (state == null) {
                throw new Problem(410, "the state is not kept any more, or was another model's; begin without one");
            }
            return state;
        }
    }

    /** Says that another has taken its place; it goes once nobody reads of it. */
    void retire() {
        retired = true;
    }

    /** Adds a text. */
    void add(TextPlan plan, LineReader reader) {
        waiting.add(new Waiting(plan, reader));
    }

    /** Takes every text whose reader is ready a symbol further; says whether there was one. */
    boolean step() {
        try {
            TextStreams open = streams;
            if (open == null) {
                model = new Model(device, saved.weights());
                open = new TextStreams(model, vocabulary(), saved.window());
                streams = open;
            }
            waiting.removeIf(text -> !text.reader.listening());
            for (Waiting next = waiting.peek(); next != null && open.size() < MAX_TEXTS; next = waiting.peek()) {
                waiting.remove();
                reading.add(next.reader);
                open.add(next.plan, next.reader);
            }
            boolean moved = open.step();
            reading.removeIf(LineReader::isOver);
            return moved;
        } catch (RuntimeException | Error e) {
            // An error, such as one of memory, is none of the other models and of the texts to come.
            System.getLogger(LoadedModel.class.getName()).log(System.Logger.Level.WARNING, "a model failed", e);
            fail("the device failed: " + (e instanceof CharlstmException ? e.getMessage() : "see the server's log"));
            return false;
        }
    }

    /** Ends all texts, and leaves the device until there is another. */
    void fail(String why) {
        CharlstmException failure = new CharlstmException(why);
        reading.forEach(reader -> reader.failed(failure));
        waiting.forEach(text -> text.reader.failed(failure));
        reading.clear();
        waiting.clear();
        close();
    }

    /** How many texts it has. */
    int size() {
        TextStreams open = streams;
        return waiting.size() + (open == null ? 0 : open.size());
    }

    /** Whether nobody reads of it; if it is not to be kept either, it leaves the device. */
    boolean isIdle() {
        boolean idle = size() == 0;
        if (idle && retired) {
            close();
        }
        return idle;
    }

    /** Leaves the device. */
    void close() {
        try (Model _ = model; TextStreams _ = streams) {
            streams = null;
            model = null;
        } catch (RuntimeException | Error e) {
            // A device that failed gives nothing back; other models may have another one.
            System.getLogger(LoadedModel.class.getName()).log(System.Logger.Level.WARNING, "a model stays", e);
        }
    }
}
