package org.charlstm.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.circle.SecondCircle;
import org.charlstm.machine.Installed;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mistakes of all kinds planted in small programs, as {@code planted.txt} lists them: what the simulated GPU tells of
 * each, at which line, and that it tells nothing of their mended twins.
 */
@SecondCircle("more mistakes than ForeignProgramsTest has")
@Tag("long")
@Timeout(300)
@Needs({Need.SIMULATED_GPU, Need.NVCC})
@Tag("outside")
class PlantedMistakesTest {
    private static final Path SOURCES = Path.of("native", "test", "resources", "planted").toAbsolutePath();
    private static final Pattern FINDING = Pattern
            .compile("charlstm sim: (?:(warning|note): )?(.*) \\[([a-z-]+)\\]");
    private static final Pattern LINE = Pattern.compile("(\\w+\\.cu):(\\d+)");
    private static final Pattern PLANT = Pattern.compile("PLANT\\((\\w+)\\);");

    @TempDir
    private static Path folder;

    /** @param rest of a finding its kind and words in its line, of one that is missed the reason */
    private record Listed(String name, String grade, String rest) {
        boolean missed() {
            return grade.equals("missed");
        }
    }

    @BeforeAll
    static void compile() throws IOException {
        String nvcc = Installed.named("nvcc").toString();
        sources().parallelStream().forEach(source -> run(Map.of(), nvcc, "-std=c++17", "-arch=compute_80", "-lineinfo",
                "-c", "-o", folder.resolve(source.getFileName() + ".o").toString(), source.toString()));
        List<String> link = new ArrayList<>(List.of(nvcc, "-cudart", "shared", "-o", "planted"));
        sources().forEach(source -> link.add(source.getFileName() + ".o"));
        run(Map.of(), link.toArray(String[]::new));
    }

    @Test
    void eachIsToldAsListedAndAtItsLine() throws IOException {
        List<String> objections = new ArrayList<>();
        for (Listed one : listed()) {
            List<String> lines = run(simulated(), "./planted", one.name());
            Matcher finding = lines.stream().map(FINDING::matcher).filter(Matcher::matches).findFirst().orElse(null);
            String told = finding == null ? "missed"
                    : Objects.requireNonNullElse(finding.group(1), "error") + " " + finding.group(3);
            String[] kindAndWords = one.rest().split("\\s+", 2);
            if (!told.equals(one.missed() ? "missed" : one.grade() + " " + kindAndWords[0])
                    || (!one.missed() && !finding.group().contains(kindAndWords[1]))) {
                objections.add(one + " gives " + String.join("\n", lines));
            } else if (!one.missed()) {
                objections.addAll(placesNotMarked(one.name(), finding.group()));
            }
        }
        assertEquals("", String.join("\n", objections));
    }

    /** In one process, so that none leaves anything behind either. */
    @Test
    void nothingIsToldOfThoseThatAreMended() throws IOException {
        List<String> command = new ArrayList<>(List.of("./planted", "-"));
        listed().forEach(one -> command.add(one.name()));
        List<String> lines = run(simulated(), command.toArray(String[]::new));
        assertTrue(lines.removeIf(line -> line.startsWith("charlstm sim: own kernels run as PTX")), lines::toString);
        assertEquals(List.of("0", "the result is 0"), lines);
    }

    @Test
    void allAreListedOnceInTheOrderOfTheirFiles() throws IOException {
        List<String> planted = new ArrayList<>();
        for (String line : Files.readAllLines(SOURCES.resolve("planted.txt"))) {
            if (line.matches("# [a-z]+")) {
                PLANT.matcher(Files.readString(SOURCES.resolve(line.substring(2) + ".cu"))).results()
                        .forEach(one -> planted.add(one.group(1)));
            }
        }
        assertEquals(planted, listed().stream().map(Listed::name).toList());
    }

    @Test
    void thePageHasItsCounts() throws IOException {
        Map<String, int[]> counts = new LinkedHashMap<>();
        int[] count = null;
        for (String line : Files.readAllLines(SOURCES.resolve("planted.txt"))) {
            if (line.matches("# [a-z]+")) {
                count = counts.computeIfAbsent(line.substring(2), _ -> new int[2]);
            } else if (count != null && !line.isEmpty()) {
                count[0]++;
                count[1] += line.matches("\\w+ +missed .*") ? 0 : 1;
            }
        }
        String page = Files.readString(Path.of("native", "README.md"));
        counts.forEach((file, one) -> assertTrue(page.lines().anyMatch(line -> line.startsWith("| `" + file + "`: ")
                && line.contains(" | " + one[0] + " | " + one[1] + " | ")), () -> file + ": " + Arrays.toString(one)));
        int told = counts.values().stream().mapToInt(one -> one[1]).sum();
        assertTrue(page.contains("of the " + told + " told need"), () -> told + " are told in all");
    }

    private static List<String> placesNotMarked(String name, String line) throws IOException {
        List<String> objections = new ArrayList<>();
        Matcher place = LINE.matcher(line);
        while (place.find()) {
            String source =
                    Files.readAllLines(SOURCES.resolve(place.group(1))).get(Integer.parseInt(place.group(2)) - 1);
            if (!source.endsWith("  // told")) {
                objections.add(name + " is told at " + place.group() + ": " + source);
            }
        }
        return objections;
    }

    private static List<Listed> listed() throws IOException {
        return Files.readAllLines(SOURCES.resolve("planted.txt")).stream()
                .filter(line -> !line.isEmpty() && !line.startsWith("#")).map(line -> line.split("\\s+", 3))
                .map(words -> new Listed(words[0], words[1], words[2])).toList();
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.list(SOURCES)) {
            return files.filter(file -> file.toString().endsWith(".cu")).sorted().toList();
        }
    }

    private static Map<String, String> simulated() {
        return Map.of("LD_LIBRARY_PATH", Path.of("target", "native").toAbsolutePath().toString(),
                "CHARLSTM_SIM_ORDERS", "all", "CHARLSTM_SIM_DEVICES", "2", "CHARLSTM_SIM_LEAKS", "1");
    }

    private static List<String> run(Map<String, String> variables, String... command) {
        try {
            Path output = Files.createTempFile(folder, "output", "");
            ProcessBuilder process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            process.environment().putAll(variables);
            int code = process.start().waitFor();
            List<String> lines = new ArrayList<>(Files.readAllLines(output));
            assertEquals(0, code, () -> String.join("\n", lines));
            return lines;
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
