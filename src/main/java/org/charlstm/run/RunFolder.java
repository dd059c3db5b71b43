package org.charlstm.run;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.charlstm.CharlstmException;
import org.charlstm.io.AtomicFile;
import org.charlstm.io.IoFailure;
import org.charlstm.io.Json;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.train.Figures;
import org.jspecify.annotations.Nullable;

/**
 * A run's folder: the model, the state that the run can go on from, a line of figures for each epoch, and what the run
 * was. While it is open no other process may train into it.
 */
public final class RunFolder implements AutoCloseable {
    /** The figures, a JSON object a line for each epoch. */
    public static final String METRICS = "metrics.jsonl";
    /** Configuration, seed, versions and hardware. */
    public static final String RUN = "run.json";
    /** Sentences as training went on, a JSON object a line. */
    public static final String SAMPLES = "samples.jsonl";
    /** How far the epoch under way is, a JSON object a line; not there between epochs. */
    public static final String PROGRESS = "progress.jsonl";
    /** The model of the lowest loss, where there is validation or the best was asked for. */
    public static final String BEST = "best.safetensors";
    /** After training has diverged, the last weights before. */
    public static final String BEFORE_DIVERGENCE = "before-divergence.safetensors";

    /** What another run has left and this one may not write. */
    private static final Pattern OLDER = Pattern.compile("(samples|progress)\\.jsonl|events\\.out\\.tfevents\\..*"
            + "|report(-[a-z0-9_]+)?\\.(html|png)|(best|before-divergence|state-\\d+)\\.safetensors");
    private static final Pattern NUMBERED_STATE = Pattern.compile("state-(\\d{1,9})\\.safetensors");
    private static final Pattern MODELS =
            Pattern.compile("(model|best|before-divergence|state(-\\d+)?)\\.safetensors");
    private static final Pattern OWN = Pattern.compile("(metrics|samples)\\.jsonl|run\\.json|" + MODELS.pattern());
    /** What a run that could not begin may have written. */
    private static final Pattern BEGUN = Pattern.compile("metrics\\.jsonl|(model|state)\\.safetensors|run\\.json");
    /** The metadata of the best model that says which epoch it is. */
    private static final String BEST_OF = "best";
    private static final Pattern ANY = Pattern.compile(".*");
    /** What a process that was killed as it replaced a file has left beside it. */
    private static final Pattern TEMPORARY = Pattern.compile("\\.(((model|best|before-divergence|state(-\\d+)?)"
            + "\\.safetensors|(metrics|samples)\\.jsonl|run\\.json|report(-[a-z0-9_]+)?\\.(html|png))-[0-9a-z]+"
            + "|writable.*)\\.tmp");
    /** What is there of every epoch, and of which sums and means are made. */
    private static final Set<String> FIGURES = Set.of(Figures.LOSS, Figures.SECONDS, Figures.CHARS_PER_SECOND);
    /** Far from what is measured, and from figures of which a sum would be infinite. */
    private static final double MOST = 1e100;

    private final Path folder;
    private final RunLock lock;
    /** Whether the folder is there for this run alone. */
    private final boolean made;
    private int sampledUntil;
    private BestModel bestModel = BestModel.NONE;
    private volatile boolean open = true;

    /** What there was of a best model when the run went back. */
    enum BestModel {
        /** Nothing. */
        NONE,
        /** That of the state. */
        THERE,
        /** One of a later epoch, or of a run that was here before: it is deleted. */
        DELETED
    }

    /** Takes a folder that may be written to. */
    RunFolder(OutFolder out) {
        folder = out.path();
        made = out.made();
        try {
            lock = RunLock.of(folder);
        } catch (IOException e) {
            throw new CharlstmException(folder + " cannot be written to (" + IoFailure.of(e) + ")", e);
        }
        try {
            deleteAll(files(TEMPORARY));
        } catch (IOException e) {
            close();
            throw new CharlstmException(folder + " cannot be cleared of what a killed process has left ("
                    + IoFailure.of(e) + ")", e);
        }
    }

    /** Where the run is. */
    public Path path() {
        return folder;
    }

    /** Whether it is still this process's. */
    boolean isOpen() {
        return open && isOwn();
    }

    /**
     * Starts the run: its first state and model, no figures, and {@code runs/latest} where the folder is under {@code
     * runs/}. If that fails, nothing is left of it, unless it was to replace another run.
     *
     * @throws CharlstmException if it cannot be written
     */
    void begin(RunState state, JsonObject run) {
        boolean another = true;
        try {
            another = holdsRun(folder);
            // First what the run can go on from, whenever it is killed.
            save(state);
            deleteAll(files(OLDER));
            AtomicFile.write(folder.resolve(METRICS), new byte[0]);
            save(state.model());
            describe(run);
            AtomicFile.sync(Objects.requireNonNullElse(folder.toAbsolutePath().getParent(), folder));
        } catch (IOException | CharlstmException e) {
            if (!another) {
                deleteBegun();
            }
            throw e instanceof CharlstmException known ? known
                    : new CharlstmException(folder + " cannot be written to (" + IoFailure.of((IOException) e) + ")",
                            e);
        }
        OutFolder.link(folder);
    }

    /**
     * Replaces the model.
     *
     * @param model the weights after the last completed step
     * @throws CharlstmException if it cannot be written; the old one is then untouched
     */
    void save(SavedModel model) {
        write(ModelFile.NAME, file -> ModelFile.save(file, model));
    }

    /**
     * The same for the best model.
     *
     * @param best which epoch that is, which the file then says too
     */
    void saveBest(SavedModel model, RunState.Best best) {
        write(BEST, file -> ModelFile.save(file, model, List.of(), Map.of(BEST_OF, Json.compact(Json.of(best)))));
    }

    /**
     * Whether a file has a name that a run gives to one of its models.
     *
     * @return whether it may be the run's whose folder it is in
     */
    public static boolean isModelOfRun(Path file) {
        return MODELS.matcher(file.getFileName().toString()).matches();
    }

    /**
     * Which epoch the metadata of a file says that it is the best model of.
     *
     * @return the epoch with its loss; empty if none, or none that can be read, is said
     */
    public static Optional<RunState.Best> bestOf(Map<String, String> metadata) {
        try {
            return Optional.ofNullable(metadata.get(BEST_OF))
                    .map(said -> Json.as(JsonParser.parseString(said), RunState.Best.class))
                    .filter(best -> Double.isFinite(best.loss()));
        } catch (JsonParseException e) {
            return Optional.empty();
        }
    }

    /** Leaves a best model only if it is the one of a state. */
    private BestModel dropOtherBest(RunState.@Nullable Best best) throws IOException {
        Path file = folder.resolve(BEST);
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return BestModel.NONE;
        }
        if (best != null && bestOf(ModelFile.read(file).metadata()).equals(Optional.of(best))) {
            return BestModel.THERE;
        }
        Files.delete(file);
        return best == null ? BestModel.NONE : BestModel.DELETED;
    }

    /** The same for the last model before a divergence. */
    void saveBeforeDivergence(SavedModel model) {
        write(BEFORE_DIVERGENCE, file -> ModelFile.save(file, model));
    }

    /**
     * Replaces the state.
     *
     * @param state where the run is
     * @throws CharlstmException if it cannot be written; the old one is then untouched
     */
    void save(RunState state) {
        write(StateFile.NAME, file -> StateFile.save(file, state));
    }

    /**
     * Keeps a state under the number of its epoch too; whoever then replaces the latest finds it there whenever the
     * process is killed.
     *
     * @param state where the run is
     * @throws CharlstmException if it cannot be written
     */
    void keep(RunState state) {
        write(String.format(Locale.ROOT, "state-%06d.safetensors", state.training().epoch()),
                file -> StateFile.save(file, state));
    }

    /**
     * Deletes the oldest of the states that are kept.
     *
     * @param keep how many stay beside the latest, which is there under its number too
     * @throws CharlstmException if they cannot be deleted
     */
    void leave(int keep) {
        try {
            requireOwn(null);
            List<Path> all = files(NUMBERED_STATE);
            deleteAll(all.subList(0, Math.max(0, all.size() - keep - 1)));
        } catch (IOException e) {
            throw new CharlstmException(folder + ": earlier states cannot be deleted: " + IoFailure.of(e), e);
        }
    }

    /**
     * Goes back to what was when a state was saved: of later epochs there are no figures, sentences and states, and no
     * best model.
     *
     * @param state where the run goes on
     * @param epoch the last epoch that was whole then
     * @return the figures that are left
     * @throws CharlstmException if they cannot be read or written
     */
    List<Figures> goBack(RunState state, int epoch) {
        // First what the run goes on from if it is killed before it has come further.
        save(state);
        endProgress();
        try {
            deleteAll(files(NUMBERED_STATE).stream().filter(file -> number(file) > state.training().epoch()).toList());
            if (epoch == 0) {
                // A kill may have left it as the run replaced another.
                deleteAll(files(OLDER).stream().filter(file -> number(file) < 0).toList());
            }
            bestModel = dropOtherBest(state.best());
        } catch (IOException e) {
            throw new CharlstmException(folder + " cannot be written to (" + IoFailure.of(e) + ")", e);
        }
        List<Integer> samples = lines(SAMPLES).cut(epoch, json -> json.get("epoch").getAsInt());
        sampledUntil = samples.isEmpty() ? 0 : samples.getLast();
        return lines(METRICS).cut(epoch, RunFolder::figures);
    }

    /** The epoch of a state by its name; -1 of any other file. */
    private static int number(Path file) {
        Matcher matcher = NUMBERED_STATE.matcher(file.getFileName().toString());
        return matcher.matches() ? Integer.parseInt(matcher.group(1)) : -1;
    }

    /** What there was of the best model when the run went back. */
    BestModel bestModel() {
        return bestModel;
    }

    private static Figures figures(JsonObject json) {
        Map<String, Double> values = new LinkedHashMap<>();
        json.asMap().forEach((name, value) -> {
            double number = value.getAsDouble();
            if (!(Math.abs(number) <= MOST)) {
                throw new IllegalStateException(name + " is " + value);
            }
            values.put(name, number);
        });
        if (!values.keySet().containsAll(FIGURES)) {
            throw new IllegalStateException("one of " + FIGURES + " is missing");
        }
        values.remove("epoch");
        return new Figures(json.get("epoch").getAsInt(), values);
    }

    /** The last epoch after which there were sentences when the run went back. */
    int sampledUntil() {
        return sampledUntil;
    }

    private JsonLines lines(String name) {
        return new JsonLines(folder.resolve(name));
    }

    /** Writes a file, as long as the folder is this run's: one that was moved has left its name to others. */
    private void write(String name, Consumer<Path> writer) {
        requireOwn(null);
        try {
            writer.accept(folder.resolve(name));
        } catch (CharlstmException e) {
            requireOwn(e);
            throw e;
        }
    }

    private void requireOwn(@Nullable CharlstmException cause) {
        if (!isOwn()) {
            throw new CharlstmException(folder + " is not this run's any more: it was moved or deleted, and another "
                    + "run may have its name; what was saved last is where it went", cause);
        }
    }

    private boolean isOwn() {
        try {
            return lock.isThere();
        } catch (IOException e) {
            return false;
        }
    }

    /** The run's description; empty where there is none that can be read. */
    JsonObject description() {
        try {
            return JsonParser.parseString(Files.readString(folder.resolve(RUN))).getAsJsonObject();
        } catch (IOException | JsonParseException | IllegalStateException e) {
            return new JsonObject();
        }
    }

    /**
     * Replaces the run's description.
     *
     * @param run what the run is, or was
     * @throws CharlstmException if it cannot be written
     */
    void describe(JsonObject run) {
        write(RUN, file -> AtomicFile.write(file, (Json.pretty(run) + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Adds the figures of epochs.
     *
     * @param epochs their figures, in order
     * @throws CharlstmException if they cannot be written
     */
    void add(List<Figures> epochs) {
        write(METRICS, file -> new JsonLines(file).add(epochs.stream().map(figures -> {
            JsonObject line = new JsonObject();
            line.addProperty("epoch", figures.epoch());
            figures.values().forEach(line::addProperty);
            return line;
        }).toList()));
    }

    /**
     * Adds sentences of the model as it is.
     *
     * @param epoch     the last epoch that it has learned in, from 1
     * @throws CharlstmException if they cannot be written
     */
    void add(int epoch, List<String> sentences) {
        JsonObject line = new JsonObject();
        line.addProperty("epoch", epoch);
        line.add("sentences", Json.array(sentences));
        write(SAMPLES, file -> new JsonLines(file).add(List.of(line)));
    }

    /** Adds how far the epoch is. No run depends on that: where it cannot be written, nobody is told. */
    void progress(JsonObject line) {
        if (isOwn()) {
            RunLoop.attempt(() -> lines(PROGRESS).add(List.of(line)), RunFolder::log);
        }
    }

    /** Takes that away. */
    void endProgress() {
        if (isOwn()) {
            try {
                Files.deleteIfExists(folder.resolve(PROGRESS));
            } catch (IOException e) {
                log(e.toString());
            }
        }
    }

    private static void log(String what) {
        System.getLogger(RunFolder.class.getName()).log(System.Logger.Level.DEBUG, what);
    }

    /**
     * Whether a process trains into a folder just now.
     *
     * @return false too where that cannot be known
     */
    public static boolean isTraining(Path folder) {
        try {
            return RunLock.isHeld(folder);
        } catch (IOException e) {
            return false;
        }
    }

    private static void deleteAll(List<Path> files) throws IOException {
        for (Path file : files) {
            Files.delete(file);
        }
    }

    /** Whether a folder has anything of a run but what is made of its files again, as experiments have it too. */
    static boolean holdsRun(Path folder) throws IOException {
        return Files.isDirectory(folder) && !files(folder, OWN).isEmpty();
    }

    private List<Path> files(Pattern names) throws IOException {
        return files(folder, names);
    }

    /** The files and links of such names, in their order. */
    private static List<Path> files(Path folder, Pattern names) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(path -> names.matcher(path.getFileName().toString()).matches()
                    && !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)).sorted().toList();
        }
    }

    private void deleteBegun() {
        try {
            deleteAll(files(BEGUN));
        } catch (IOException e) {
            System.getLogger(RunFolder.class.getName()).log(System.Logger.Level.DEBUG, "left " + folder, e);
        }
    }

    /** Lets other processes train into the folder; where it was made for a run that did not begin, it goes. */
    @Override
    public void close() {
        open = false;
        boolean own = isOwn();
        endProgress();
        if (own) {
            StopRequest.forget(folder);
        }
        try {
            lock.close();
            if (own && made && files(ANY).isEmpty()) {
                Files.delete(folder);
            }
        } catch (IOException e) {
            System.getLogger(RunFolder.class.getName()).log(System.Logger.Level.DEBUG, "left " + folder, e);
        }
    }
}
