package org.charlstm.run;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.charlstm.CharlstmException;
import org.charlstm.io.AtomicFile;
import org.charlstm.io.Json;
import org.charlstm.io.ModelFile;
import org.charlstm.io.Reason;
import org.charlstm.io.SavedModel;
import org.charlstm.train.Figures;
import org.jspecify.annotations.Nullable;

/** A run's folder: the model, a line of figures for each epoch, and what the run was. */
public final class RunFolder {
    /** The figures, a JSON object a line for each epoch. */
    public static final String METRICS = "metrics.jsonl";
    /** Configuration, seed, versions and hardware. */
    public static final String RUN = "run.json";
    /** Sentences as training went on, a JSON object a line. */
    public static final String SAMPLES = "samples.jsonl";

    private static final Pattern OLDER = Pattern.compile("samples\\.jsonl|events\\.out\\.tfevents\\..*"
            + "|report(-[a-z0-9_]+)?\\.(html|png)");
    private static final Path RUNS = Path.of("runs");
    private static final String LATEST = "latest";

    private final Path folder;

    private RunFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * Makes a folder, or takes one that may be written to.
     *
     * @param folder where, or null for a fresh one under {@code runs/}
     * @param force  whether a run that is there may be overwritten
     * @return the folder; nothing has been written in it
     * @throws CharlstmException if it holds a run, or cannot be made or written to
     */
    public static RunFolder prepare(@Nullable Path folder, boolean force) {
        try {
            if (folder == null) {
                return fresh();
            }
            if (Files.exists(folder) && !Files.isDirectory(folder)) {
                throw new CharlstmException(folder + " is a file; name a folder for the run with --out");
            }
            boolean holdsRun =
                    Stream.of(ModelFile.NAME, METRICS, RUN).anyMatch(name -> Files.exists(folder.resolve(name)));
            if (holdsRun && !force) {
                throw new CharlstmException(folder + " already holds a run; name another folder, or overwrite it with "
                        + "--force");
            }
            // Through a link, such as runs/latest, the run goes to the folder itself.
            Path target = Files.isSymbolicLink(folder) ? folder.toRealPath() : folder;
            Files.createDirectories(target);
            Files.delete(Files.createTempFile(target, ".writable", ".tmp"));
            return new RunFolder(target);
        } catch (IOException e) {
            throw new CharlstmException((folder == null ? RUNS : folder) + " cannot be written to ("
                    + Reason.of(e) + "); name another folder with --out", e);
        }
    }

    private static RunFolder fresh() throws IOException {
        Files.createDirectories(RUNS);
        String time = LocalDateTime.now(ZoneId.systemDefault()).format(
                DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT));
        for (int i = 1;; i++) {
            Path folder = RUNS.resolve(i == 1 ? time : time + "-" + i);
            try {
                Files.createDirectory(folder);
            } catch (FileAlreadyExistsException e) {
                continue;
            }
            return new RunFolder(folder);
        }
    }

    /**
     * Where the run is.
     *
     * @return the folder's path
     */
    public Path path() {
        return folder;
    }

    /**
     * Starts the run: its first model, no figures, and {@code runs/latest} where the folder is under {@code runs/}.
     *
     * @param model the model before training
     * @param run   what the run is
     * @throws CharlstmException if it cannot be written
     */
    void begin(SavedModel model, JsonObject run) {
        write(METRICS, "");
        deleteOlder();
        save(model);
        describe(run);
        if (RUNS.toAbsolutePath().equals(folder.toAbsolutePath().normalize().getParent())) {
            link();
        }
    }

    /** Points {@code runs/latest} here, unless that is something else; a file system without links goes without. */
    private void link() {
        Path link = RUNS.resolve(LATEST);
        if (Files.exists(link, LinkOption.NOFOLLOW_LINKS) && !Files.isSymbolicLink(link)) {
            return;
        }
        try {
            Path temporary = RUNS.resolve("." + LATEST + "-" + ProcessHandle.current().pid());
            Files.deleteIfExists(temporary);
            Files.createSymbolicLink(temporary, folder.getFileName());
            Files.move(temporary, link, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | UnsupportedOperationException e) {
            System.getLogger(RunFolder.class.getName()).log(System.Logger.Level.DEBUG, "no link " + link, e);
        }
    }

    /**
     * Replaces the model.
     *
     * @param model the weights after the last completed step
     * @throws CharlstmException if it cannot be written; the old one is then untouched
     */
    void save(SavedModel model) {
        ModelFile.save(folder.resolve(ModelFile.NAME), model);
    }

    /**
     * Replaces the run's description.
     *
     * @param run what the run is, or was
     * @throws CharlstmException if it cannot be written
     */
    void describe(JsonObject run) {
        write(RUN, Json.pretty(run) + "\n");
    }

    /**
     * Adds an epoch's figures.
     *
     * @param figures the figures
     * @throws CharlstmException if they cannot be written
     */
    void add(Figures figures) {
        JsonObject line = new JsonObject();
        line.addProperty("epoch", figures.epoch());
        figures.values().forEach(line::addProperty);
        append(METRICS, line);
    }

    /**
     * Adds sentences of the model as it is.
     *
     * @param epoch     the last epoch that it has learned in, from 1
     * @param sentences what it wrote
     * @throws CharlstmException if they cannot be written
     */
    void add(int epoch, List<String> sentences) {
        JsonObject line = new JsonObject();
        line.addProperty("epoch", epoch);
        line.add("sentences", Json.array(sentences));
        append(SAMPLES, line);
    }

    private void append(String name, JsonObject line) {
        try {
            Files.writeString(folder.resolve(name), Json.compact(line) + "\n", StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new CharlstmException(folder.resolve(name) + " cannot be written: " + Reason.of(e), e);
        }
    }

    /** Deletes what another run has left here and this one may not write. */
    private void deleteOlder() {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(path -> OLDER.matcher(path.getFileName().toString()).matches()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new CharlstmException(folder + " holds another run, which cannot be deleted: " + Reason.of(e), e);
        }
    }

    private void write(String name, String text) {
        AtomicFile.write(folder.resolve(name), text.getBytes(StandardCharsets.UTF_8));
    }
}
