package org.charlstm.serve;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.charlstm.CharlstmException;
import org.charlstm.io.ModelFile;
import org.charlstm.run.RunFolder;

/**
 * The runs and models that are served, each under an id. What is in a folder of runs is looked for again as time goes
 * on, at most once a second; a request names an id, and none a path.
 */
final class Catalog {
    /** What a run's model of the last step is called, where the best one has the run's id. */
    static final String LAST = "@last";
    private static final long PERIOD_NANOS = 1_000_000_000;
    /** Of runs, and of models that are no run's. */
    private static final int MAX_ENTRIES = 1000;
    private static final String SUFFIX = ".safetensors";

    private final List<Path> runFolders = new ArrayList<>();
    private final List<Path> modelFiles = new ArrayList<>();
    private final List<Path> folders = new ArrayList<>();
    /** Ids that were given out, which stay what they are. */
    private final Map<Path, String> ids = new HashMap<>();
    private final Map<String, ServedRun> runs = new LinkedHashMap<>();
    private final Map<String, Path> models = new LinkedHashMap<>();
    private int leftOut;
    private long scanned;
    /** Whether all folders could be once. */
    private boolean listed;

    /**
     * Looks at what it is given.
     *
     * @throws CharlstmException if one of them is neither a run nor a model nor a folder, or they hold nothing
     */
    Catalog(List<Path> given) {
        for (Path path : given) {
            if (isRun(path)) {
                runFolders.add(path);
            } else if (Files.isDirectory(path)) {
                folders.add(path);
            } else if (Files.isRegularFile(path)) {
                modelFiles.add(path);
            } else {
                throw new CharlstmException(path + " does not exist; name a run's folder, a model file, or a folder "
                        + "of runs");
            }
        }
        scan();
    }

    private static boolean isRun(Path folder) {
        return Stream.of(RunFolder.RUN, RunFolder.METRICS, ModelFile.NAME)
                .anyMatch(name -> Files.isRegularFile(folder.resolve(name)));
    }

    /** The runs there are. */
    synchronized List<ServedRun> runs() {
        refresh();
        return List.copyOf(runs.values());
    }

    /** How many runs and models of folders are not served, for there are too many. */
    synchronized int leftOut() {
        refresh();
        return leftOut;
    }

    /** A run by its id. */
    synchronized ServedRun run(String id) {
        refresh();
        ServedRun run = runs.get(id);
        if (run == null) {
            throw new Problem(404, "there is no such run; /api/runs lists them");
        }
        return run;
    }

    /** The models there are, by their ids. */
    synchronized Map<String, Path> models() {
        refresh();
        return new LinkedHashMap<>(models);
    }

    /** The file of a model by its id. */
    synchronized Path model(String id) {
        refresh();
        Path file = models.get(id);
        if (file == null) {
            throw new Problem(404, "there is no such model; /api/models lists them");
        }
        return file;
    }

    private void refresh() {
        if (System.nanoTime() - scanned >= PERIOD_NANOS) {
            scan();
        }
    }

    private void scan() {
        List<Path> runsNow = new ArrayList<>(runFolders);
        List<Path> modelsNow = new ArrayList<>(modelFiles);
        int leftOutNow = 0;
        for (Path folder : folders) {
            try (Stream<Path> inside = Files.list(folder)) {
                // A link, such as runs/latest, is to what is here anyway, or leads elsewhere. Of too many the last by
                // their names stay, which of runs are the newest.
                List<Path> all = inside.filter(path -> (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
                        && isRun(path))
                        || (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
                                && path.toString().endsWith(SUFFIX)))
                        .sorted().toList();
                int tooMany = Math.max(0, all.size() - MAX_ENTRIES);
                leftOutNow += tooMany;
                all.subList(tooMany, all.size())
                        .forEach(path -> (Files.isDirectory(path) ? runsNow : modelsNow).add(path));
            } catch (IOException | UncheckedIOException e) {
                // A folder that is gone later has nothing any more; what else is served stays.
                if (!listed) {
                    throw new CharlstmException(folder + " cannot be listed: " + e.getMessage(), e);
                }
            }
        }
        listed = true;
        leftOut = leftOutNow;
        Map<String, ServedRun> before = new HashMap<>(runs);
        runs.clear();
        models.clear();
        runsNow.forEach(path -> addRun(path, before));
        modelsNow.forEach(path -> models.put(id(path), path));
        scanned = System.nanoTime();
    }

    private void addRun(Path path, Map<String, ServedRun> before) {
        String id = id(path);
        ServedRun known = before.get(id);
        runs.put(id, known == null ? new ServedRun(id, path) : known);
        Path best = path.resolve(RunFolder.BEST);
        Path last = path.resolve(ModelFile.NAME);
        boolean kept = Files.isRegularFile(best);
        if (kept) {
            models.put(id, best);
        }
        if (Files.isRegularFile(last)) {
            models.put(kept ? id + LAST : id, last);
        }
    }

    /** A name made of the path's last part that no other path has. */
    private String id(Path path) {
        Path real = path.toAbsolutePath().normalize();
        return ids.computeIfAbsent(real, at -> {
            Path last = at.getFileName();
            String name = (last == null ? "run" : last.toString()).replaceAll("\\.safetensors$", "")
                    .replaceAll("[^A-Za-z0-9._-]", "_");
            name = name.substring(0, Math.min(60, name.length()));
            String id = name;
            for (int i = 2; ids.containsValue(id); i++) {
                id = name + "-" + i;
            }
            return id;
        });
    }
}
