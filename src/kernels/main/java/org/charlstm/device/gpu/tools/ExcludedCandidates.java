package org.charlstm.device.gpu.tools;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaException;
import org.charlstm.device.GpuOptions;
import org.charlstm.device.gpu.tools.Autotuner.Candidate;
import org.jspecify.annotations.Nullable;

/**
 * Candidates that {@code auto} does not try on a GPU. The environment names some; a file lists candidates that broke
 * the GPU before, together with the card, the driver and charlstm's version.
 */
public final class ExcludedCandidates {
    /** The environment variable that excludes engines, cuDNN algorithms, or the single-launch head. */
    public static final String SETTING = "CHARLSTM_WITHOUT";
    /** Excludes nothing, and stores nothing. */
    public static final ExcludedCandidates NONE = new ExcludedCandidates(Set.of(), null, "");

    private static final String FILE = "left-out.tsv";
    private static final String HEAD = "head";
    private static final Set<String> NAMES = names();

    private final Set<String> named;
    private final @Nullable Path file;
    private final String machine;

    private ExcludedCandidates(Set<String> named, @Nullable Path file, String machine) {
        this.named = named;
        this.file = file;
        this.machine = machine;
    }

    /**
     * Excludes the candidates that an environment variable names.
     *
     * @param cache   the folder of the file; empty for none
     * @param machine the card, its driver and charlstm's version
     * @throws CharlstmException if the variable names something that cannot be excluded
     */
    public static ExcludedCandidates of(Map<String, String> environment, Optional<Path> cache, String machine) {
        Set<String> named = Stream.of(environment.getOrDefault(SETTING, "").split(",", -1)).map(String::strip)
                .filter(name -> !name.isEmpty()).collect(Collectors.toCollection(TreeSet::new));
        for (String name : named) {
            if (!NAMES.contains(name)) {
                throw new CharlstmException(SETTING + " names '" + name + "'; it can name, with commas between, "
                        + String.join(", ", NAMES));
            }
        }
        return new ExcludedCandidates(named, cache.map(folder -> folder.resolve(FILE)).orElse(null),
                machine.replaceAll("[\\t\\n]", " "));
    }

    /** The names that users can exclude; the plain kernels are not among them, since they are the last resort. */
    private static Set<String> names() {
        Set<String> names = new TreeSet<>(Set.of(HEAD));
        Stream.of(GpuOptions.Engine.values()).filter(each -> each != GpuOptions.Engine.AUTO
                && each != GpuOptions.Engine.PLAIN).forEach(each -> names.add(each.toString()));
        Stream.of(GpuOptions.Algorithm.values()).filter(each -> each != GpuOptions.Algorithm.AUTO)
                .forEach(each -> names.add(each.toString()));
        return names;
    }

    /** Why a candidate is excluded, on one line; empty if it is tried. */
    Optional<String> why(Candidate candidate) {
        String family = candidate.family();
        List<String> words = List.of(family.split("[ /]", 0));
        Optional<String> name = named.stream().filter(words::contains).findFirst();
        return name.map(each -> family + " is left out by " + SETTING + "=" + each)
                .or(() -> kept().stream().filter(each -> each.machine.equals(machine) && each.family.equals(family))
                        .findFirst().map(each -> family + " is left out: " + each.why));
    }

    /** Stores a candidate that broke the GPU. If the file cannot be written, the next run tries the candidate again. */
    void add(Candidate candidate, String task, CudaException failure) {
        if (file == null) {
            return;
        }
        List<Kept> all = new ArrayList<>(kept());
        all.add(new Kept(candidate.family(), machine, "it broke this GPU on " + LocalDate.now(ZoneOffset.UTC) + ", by "
                + failure.statusName() + " for " + task));
        try {
            write(file, all.stream().map(Kept::line).collect(Collectors.joining()));
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** Replaces the file in one step: a kill leaves the old file or the new one. */
    private static void write(Path file, String text) throws IOException {
        Path folder = Files.createDirectories(Objects.requireNonNull(file.getParent(), "it is in a folder"));
        Path temporary = Files.createTempFile(folder, FILE, ".tmp");
        try {
            Files.writeString(temporary, text);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** One line for each candidate in the file that is excluded for this card, driver and version, with the reason. */
    public List<String> lines() {
        return kept().stream().filter(each -> each.machine.equals(machine)).map(each -> each.family + ": " + each.why)
                .toList();
    }

    /** Deletes a cache's list, for all cards; returns the number of its entries. */
    public static int forget(Path cache) {
        ExcludedCandidates all = new ExcludedCandidates(Set.of(), cache.resolve(FILE), "");
        int count = all.kept().size();
        try {
            Files.deleteIfExists(cache.resolve(FILE));
        } catch (IOException e) {
            throw new CharlstmException(cache.resolve(FILE) + " cannot be deleted: " + e.getMessage(), e);
        }
        return count;
    }

    private List<Kept> kept() {
        if (file == null || !Files.isRegularFile(file)) {
            return List.of();
        }
        try {
            return Files.readAllLines(file).stream().map(line -> line.split("\t", -1))
                    .filter(fields -> fields.length == 3).map(fields -> new Kept(fields[0], fields[1], fields[2]))
                    .toList();
        } catch (IOException e) {
            // A file that cannot be read lists nothing.
            return List.of();
        }
    }

    private record Kept(String family, String machine, String why) {
        private String line() {
            return family + "\t" + machine + "\t" + why + "\n";
        }
    }
}
