package org.charlstm.serve;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.device.Device;
import org.charlstm.device.Device.Lease;
import org.charlstm.device.Memory;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Model;
import org.charlstm.sample.streams.TextPlan;
import org.charlstm.sample.streams.TextState;
import org.charlstm.sample.streams.TextStreams;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/** A model, the texts that are running through it, and the latest final states of texts, on the host. */
final class LoadedModel {
    /** While a short text is running, long texts take one step in this many. */
    private static final int LONG_TEXT_PERIOD = 8;
    /** The greatest number of states kept for texts to continue from. */
    private static final int MAX_STATES = 64;

    private final Device device;
    final SavedModel saved;
    final FileVersion version;
    private final Map<String, TextState> states = new LinkedHashMap<>();
    private final Set<LineReader> reading = new LinkedHashSet<>();
    private @Nullable Model model;
    private @Nullable TextStreams streams;
    private int steps;
    private boolean holdsLongTexts;
    private @Nullable String lost;
    private volatile boolean retired;

    LoadedModel(Device device, SavedModel saved, FileVersion version) {
        this.device = device;
        this.saved = saved;
        this.version = version;
    }

    Vocabulary vocabulary() {
        return saved.requireVocabulary();
    }

    /** Keeps a state under a name that cannot be guessed. */
    String keep(TextState state) {
        String name = Access.randomToken(12);
        synchronized (states) {
            states.put(name, state);
            if (states.size() > MAX_STATES) {
                states.remove(states.keySet().iterator().next());
            }
        }
        return name;
    }

    TextState state(String name) {
        synchronized (states) {
            TextState state = states.get(name);
            if (state == null) {
                throw new Problem(410, "the state is not kept any more, or was another model's; begin without one");
            }
            return state;
        }
    }

    /** Marks the model as replaced: it leaves the device when its texts have ended. */
    void retire() {
        retired = true;
    }

    void add(TextPlan plan, LineReader reader) {
        reading.add(reader);
        if (streams != null || guarded(this::open)) {
            Objects.requireNonNull(streams, "it is open").add(plan, reader);
        }
    }

    private boolean open() {
        model = new Model(device, saved.weights());
        streams = new TextStreams(model, vocabulary(), saved.window());
        return true;
    }

    /** Advances every text with a ready reader by one symbol; returns whether more work may remain. */
    boolean step() {
        TextStreams open = streams;
        return open != null && guarded(() -> {
            steps++;
            holdsLongTexts = steps % LONG_TEXT_PERIOD != 0 && reading.stream().anyMatch(LineReader::hurries);
            boolean moved = open.step();
            reading.removeIf(LineReader::isOver);
            return moved || holdsLongTexts;
        });
    }

    boolean holdsLongTexts() {
        return holdsLongTexts;
    }

    /** Calls the device. A failure ends only this model's texts; later calls may succeed. */
    private boolean guarded(BooleanSupplier call) {
        try {
            return call.getAsBoolean();
        } catch (RuntimeException | Error e) {
            System.getLogger(LoadedModel.class.getName()).log(System.Logger.Level.WARNING, "a model failed", e);
            String why = e instanceof CharlstmException ? e.getMessage() : "see the server's log";
            fail("the device failed: " + why);
            if (!(e instanceof OutOfMemoryError) && !answers()) {
                lost = "the device is lost: " + why;
            }
            return false;
        }
    }

    /** Whether the device still works. A GPU whose kernel failed does not work until the process ends. */
    private boolean answers() {
        try (Lease _ = device.lease(); Memory memory = device.memory()) {
            memory.ints(1).write(new int[1]);
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }

    void requireDevice() {
        if (lost != null) {
            throw new CharlstmException(lost);
        }
    }

    /** Fails all texts, and frees the device until a new text begins. */
    void fail(String why) {
        CharlstmException failure = new CharlstmException(why);
        reading.forEach(reader -> reader.failed(failure));
        reading.clear();
        close();
    }

    int size() {
        TextStreams open = streams;
        return open == null ? 0 : open.size();
    }

    /** Whether the model has no text; a replaced model without texts then leaves the device. */
    boolean isIdle() {
        boolean idle = size() == 0;
        if (idle && retired) {
            close();
        }
        return idle;
    }

    void close() {
        try (Model _ = model; TextStreams _ = streams) {
            streams = null;
            model = null;
        } catch (RuntimeException | Error e) {
            // A failed device releases nothing. The other models continue.
            System.getLogger(LoadedModel.class.getName()).log(System.Logger.Level.WARNING, "a model stays", e);
        }
    }
}
