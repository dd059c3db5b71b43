package org.charlstm.serve;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.io.ModelFile;
import org.charlstm.run.folder.RunFolder;

/** The runs and models that are served, each under an id. A request names an id, never a path. */
final class Catalog {
    /** The suffix of the id of a run's last model, used if the plain id means the run's best model. */
    static final String LAST = "@last";
    private static final long PERIOD_NANOS = 1_000_000_000;
    /** The greatest number of runs and models of one folder. */
    private static final int MAX_ENTRIES = 1000;
    private static final String SUFFIX = ".safetensors";
    /** The lines of all runs take up to this share of memory; a file's lines take no more than a browser can show. */
    private static final long SHARE = 4;
    private static final long MAX_BYTES_OF_FILE = 8 << 20;

    private final List<Path> runFolders = new ArrayList<>();
    private final List<Path> modelFiles = new ArrayList<>();
    private final List<Path> folders = new ArrayList<>();
    /** The ids given out so far, which never change. */
    private final Map<Path, String> ids = new HashMap<>();
    private final KeptLines.Store store = new KeptLines.Store(Runtime.getRuntime().maxMemory() / SHARE,
            MAX_BYTES_OF_FILE);
    private final Map<String, ServedRun> runs = new LinkedHashMap<>();
    private final Map<String, Path> models = new LinkedHashMap<>();
    private int leftOut;
    private long scanned;
    /** Whether all folders have been listed once. */
    private boolean listed;

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

    synchronized List<ServedRun> runs() {
        refresh();
        return List.copyOf(runs.values());
    }

    /** How many runs and models in the folders are not served because there are too many. */
    synchronized int leftOut() {
        refresh();
        return leftOut;
    }

    synchronized ServedRun run(String id) {
        refresh();
        return known(runs, "run", id);
    }

    synchronized Map<String, Path> models() {
        refresh();
        return new LinkedHashMap<>(models);
    }

    synchronized Path model(String id) {
        refresh();
        return known(models, "model", id);
    }

    private static <T> T known(Map<String, T> all, String kind, String id) {
        T known = all.get(id);
        if (known == null) {
            throw new Problem(404, "there is no such " + kind + "; /api/" + kind + "s lists them");
        }
        return known;
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
                // Links are skipped: a link such as runs/latest leads to a listed run, or elsewhere. Of too many
                // entries, the last by name are kept, since they are the newest runs.
                List<Path> all = inside.filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS) ? isRun(path)
                        : Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) && path.toString().endsWith(SUFFIX))
                        .sorted().toList();
                int tooMany = Math.max(0, all.size() - MAX_ENTRIES);
                leftOutNow += tooMany;
                all.subList(tooMany, all.size())
                        .forEach(path -> (Files.isDirectory(path) ? runsNow : modelsNow).add(path));
            } catch (IOException | UncheckedIOException e) {
                // A folder that was deleted later is empty; everything else is still served.
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
        before.forEach((id, run) -> {
            if (runs.get(id) != run) {
                run.forget();
            }
        });
        scanned = System.nanoTime();
    }

    private void addRun(Path path, Map<String, ServedRun> before) {
        String id = id(path);
        ServedRun known = before.get(id);
        runs.put(id, known == null ? new ServedRun(id, path, store) : known);
        Path best = path.resolve(RunFolder.BEST);
        Path last = path.resolve(ModelFile.NAME);
        boolean kept = isModel(best);
        if (kept) {
            models.put(id, best);
        }
        if (isModel(last)) {
            models.put(kept ? id + LAST : id, last);
        }
    }

    private static boolean isModel(Path file) {
        try {
            return Files.isRegularFile(file) && !FileVersion.leadsOut(file);
        } catch (IOException e) {
            return false;
        }
    }

    /** A unique id made from the path's last part. */
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
