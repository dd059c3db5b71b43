package org.charlstm.run.folder;

import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.AtomicFile;
import org.charlstm.base.IoFailure;
import org.charlstm.base.Json;
import org.charlstm.base.UntrustedJson;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.train.Figures;
import org.jspecify.annotations.Nullable;

/**
 * A run's folder: the model, the state from which the run can resume, a line of figures for each epoch, and the run's
 * description. While the folder is open, no other process can train into it.
 */
public final class RunFolder implements AutoCloseable {
    /** The figures: a JSON object in one line for each epoch. */
    public static final String METRICS = "metrics.jsonl";
    /** The run's configuration, seed, versions and hardware. */
    public static final String RUN = "run.json";
    /** The sentences during training: a JSON object in each line. */
    public static final String SAMPLES = "samples.jsonl";
    /** The progress of the current epoch: a JSON object in each line; absent between epochs. */
    public static final String PROGRESS = "progress.jsonl";
    /** The model of the lowest loss, if the run has validation or early stopping. */
    public static final String BEST = "best.safetensors";
    /** The last weights before training diverged. */
    public static final String BEFORE_DIVERGENCE = "before-divergence.safetensors";

    /** Files of a replaced run that this run may not write itself, so they are deleted. */
    private static final Pattern OLDER = Pattern.compile("(samples|progress)\\.jsonl|events\\.out\\.tfevents\\..*"
            + "|report(-[a-z0-9_]+)?\\.(html|png)|(best|before-divergence|state-\\d+)\\.safetensors");
    private static final Pattern NUMBERED_STATE = Pattern.compile("state-(\\d{1,9})\\.safetensors");
    private static final Pattern MODELS =
            Pattern.compile("(model|best|before-divergence|state(-\\d+)?)\\.safetensors");
    private static final Pattern OWN = Pattern.compile("(metrics|samples)\\.jsonl|run\\.json|" + MODELS.pattern());
    /** Files that a run may have written before it failed to begin. */
    private static final Pattern BEGUN = Pattern.compile("metrics\\.jsonl|(model|state)\\.safetensors|run\\.json");
    /** The metadata key of the best model's epoch and loss. */
    private static final String BEST_OF = "best";
    /** A limit far above the number of JSON values in a description of the best epoch. */
    private static final int MAX_VALUES = 100;
    private static final Pattern ANY = Pattern.compile(".*");
    /** Temporary files of a process that was killed while it replaced a file. */
    private static final Pattern TEMPORARY = Pattern.compile("\\.(((model|best|before-divergence|state(-\\d+)?)"
            + "\\.safetensors|(metrics|samples)\\.jsonl|run\\.json|report(-[a-z0-9_]+)?\\.(html|png))-[0-9a-z]+"
            + "|writable.*)\\.tmp");
    private final Path folder;
    private final RunLock lock;
    /** Whether the folder was made for this run. */
    private final boolean made;
    private volatile boolean open = true;

    /** A run's results up to the state of {@link #goBack}; {@code sampledUntil} is the last epoch with sentences. */
    public record Results(List<Figures> figures, int sampledUntil, BestModel best) {
    }

    /** The state of the best model's file when the run resumed. */
    public enum BestModel {
        /** There was no model, or the state has no best epoch. */
        NONE,
        /** The model is the state's best. */
        THERE,
        /** The model was of a later epoch or of a replaced run, and has been deleted. */
        DELETED
    }

    /** Locks a folder. */
    public RunFolder(OutFolder out) {
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

    public Path path() {
        return folder;
    }

    /** Whether this process still has the folder. */
    public boolean isOpen() {
        return open && isOwn();
    }

    /** Writes the first state, model and description; deletes them after a failure unless they replace another run. */
    public void begin(RunState state, JsonObject run) {
        boolean another = true;
        try {
            another = holdsRun(folder);
            // The state comes first, so the run can resume whenever it is killed.
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
    }

    /** Replaces the model; a failure leaves the old model untouched. */
    public void save(SavedModel model) {
        write(ModelFile.NAME, file -> ModelFile.save(file, model));
    }

    /** Replaces the best model; the metadata names its epoch. */
    public void saveBest(SavedModel model, Figures.Best best) {
        write(BEST, file -> ModelFile.save(file, model, List.of(), Map.of(BEST_OF, Json.compact(Json.of(best)))));
    }

    /** Whether a file has a name that a run gives to one of its models. */
    public static boolean isModelOfRun(Path file) {
        return MODELS.matcher(file.getFileName().toString()).matches();
    }

    /** The best epoch in a file's metadata; empty if there is none. */
    public static Optional<Figures.Best> bestOf(Path file, Map<String, String> metadata) {
        return Optional.ofNullable(metadata.get(BEST_OF)).map(said -> UntrustedJson.read(
                file + " has a broken description of its best epoch in its metadata", "restore it, or delete it to go "
                        + "on without the best model",
                () -> {
                    Figures.Best best = Json.as(Json.parse(said, MAX_VALUES), Figures.Best.class);
                    RunState.requireBest(best);
                    return best;
                }));
    }

    /** Deletes a best model of another epoch than the state's best. */
    private BestModel dropOtherBest(Figures.@Nullable Best best) throws IOException {
        Path file = folder.resolve(BEST);
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return BestModel.NONE;
        }
        if (best != null && bestOf(file, ModelFile.read(file).metadata()).equals(Optional.of(best))) {
            return BestModel.THERE;
        }
        Files.delete(file);
        return best == null ? BestModel.NONE : BestModel.DELETED;
    }

    public void saveBeforeDivergence(SavedModel model) {
        write(BEFORE_DIVERGENCE, file -> ModelFile.save(file, model));
    }

    /** Replaces the state; a failure leaves the old state untouched. */
    public void save(RunState state) {
        write(StateFile.NAME, file -> StateFile.save(file, state));
    }

    /** Writes a state under its epoch's number, before it replaces the latest: a kill then loses neither. */
    public void keep(RunState state) {
        write(String.format(Locale.ROOT, "state-%06d.safetensors", state.training().epoch()),
                file -> StateFile.save(file, state));
    }

    /** Deletes all numbered states but the latest and the {@code keep} states before it. */
    public void deleteAllButNewest(int keep) {
        try {
            requireOwn(null);
            List<Path> all = files(NUMBERED_STATE);
            deleteAll(all.subList(0, Math.max(0, all.size() - keep - 1)));
        } catch (IOException e) {
            throw new CharlstmException(folder + ": earlier states cannot be deleted: " + IoFailure.of(e), e);
        }
    }

    /** Goes back to a state: removes the figures, sentences, states and best model of epochs after {@code epoch}. */
    public Results goBack(RunState state, int epoch) {
        // The state comes first: the run resumes from it if it is killed next.
        save(state);
        endProgress();
        BestModel best;
        try {
            deleteAll(files(NUMBERED_STATE).stream().filter(file -> number(file) > state.training().epoch()).toList());
            if (epoch == 0) {
                // A run that was killed while it replaced another may have left these files.
                deleteAll(files(OLDER).stream().filter(file -> number(file) < 0).toList());
            }
            best = dropOtherBest(state.best());
        } catch (IOException e) {
            throw new CharlstmException(folder + " cannot be written to (" + IoFailure.of(e) + ")", e);
        }
        List<Integer> samples = lines(SAMPLES).cut(epoch, json -> UntrustedJson.integer(json, "epoch"));
        return new Results(lines(METRICS).cut(epoch, JsonLines::figures), samples.isEmpty() ? 0 : samples.getLast(),
                best);
    }

    /** The epoch in a state's name; -1 for any other file. */
    private static int number(Path file) {
        Matcher matcher = NUMBERED_STATE.matcher(file.getFileName().toString());
        return matcher.matches() ? Integer.parseInt(matcher.group(1)) : -1;
    }

    private JsonLines lines(String name) {
        return new JsonLines(folder.resolve(name));
    }

    /** Writes a file if the folder is still this run's. After a move, another run's folder may have the same name. */
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

    /** The run's description; empty if it cannot be read. */
    public JsonObject description() {
        try {
            return RunJson.read(folder);
        } catch (CharlstmException e) {
            return new JsonObject();
        }
    }

    public void describe(JsonObject run) {
        write(RUN, file -> AtomicFile.write(file, (Json.pretty(run) + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    public void add(List<Figures> epochs) {
        write(METRICS, file -> new JsonLines(file).add(epochs.stream().map(JsonLines::line).toList()));
    }

    /** Adds sentences that the model wrote after an epoch. */
    public void add(int epoch, List<String> sentences) {
        JsonObject line = Json.object("epoch", epoch, "sentences", Json.array(sentences));
        write(SAMPLES, file -> new JsonLines(file).add(List.of(line)));
    }

    /** Adds a line of progress within an epoch. A failure is only logged, since no run depends on this file. */
    public void progress(JsonObject line) {
        if (isOwn()) {
            try {
                lines(PROGRESS).add(List.of(line));
            } catch (CharlstmException e) {
                log(e.getMessage());
            }
        }
    }

    public void endProgress() {
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

    /** Whether a process is training into a folder; also false if this is unknown. */
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

    /** Whether a folder has files of a run. Reports do not count, since experiments have reports too. */
    public static boolean holdsRun(Path folder) throws IOException {
        return Files.isDirectory(folder) && !files(folder, OWN).isEmpty();
    }

    private List<Path> files(Pattern names) throws IOException {
        return files(folder, names);
    }

    /** Files and links, sorted by name. */
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
            log("left " + folder + ": " + e);
        }
    }

    /** Unlocks the folder, and deletes it if it was created for a run that did not begin. */
    @Override
    public void close() {
        open = false;
        boolean own = isOwn();
        endProgress();
        if (own) {
            StopRequest.take(folder);
        }
        try {
            lock.close();
            if (own && made && files(ANY).isEmpty()) {
                Files.delete(folder);
            }
        } catch (IOException e) {
            log("left " + folder + ": " + e);
        }
    }
}
