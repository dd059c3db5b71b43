package org.charlstm.cli.process;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.circle.SecondCircle;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where JCuda's native code is unpacked and loaded from, in processes on the simulated GPU. */
@InProcesses
@Timeout(900)
@Needs({Need.SIMULATED_GPU, Need.JCUDA})
class JcudaNativesTest {
    private static final Path NATIVE = Path.of("target", "native").toAbsolutePath();
    /** All that the tool calls. */
    private static final Set<String> FILES = Stream.of("JCudaDriver", "JCublas2", "JCudnn", "JNvrtc")
            .map(name -> "lib" + name + "-12.6.0-linux-x86_64.so").collect(Collectors.toCollection(TreeSet::new));

    @TempDir
    private Path folder;
    private Path shared;
    private Path own;
    private final Map<String, String> environment = new TreeMap<>();

    @BeforeEach
    void makeFolders() throws IOException {
        shared = Files.createDirectory(folder.resolve("shared"));
        own = folder.resolve("cache/jcuda");
        environment.putAll(Map.of("CHARLSTM_SIM", NATIVE.toString(), "CHARLSTM_LIBCUDA", "/nonexistent",
                "CHARLSTM_KERNELS", "nvrtc", "CHARLSTM_CACHE", folder.resolve("cache").toString()));
    }

    /** Starts it with a folder for temporary files that it shares with others. */
    private Jvm start(Path in, Object... arguments) throws IOException {
        List<String> flags = new ArrayList<>(Jvm.VECTORS);
        flags.add("-Djava.io.tmpdir=" + shared);
        return new Jvm(in, environment, flags, System.getProperty("java.class.path"), List.of(arguments));
    }

    private static String page(Jvm jvm) throws IOException, InterruptedException {
        String out = new String(jvm.process().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, jvm.process().waitFor(), () -> out);
        assertEquals(List.of(), jvm.errors());
        return out;
    }

    private String doctor(Object... more) throws IOException, InterruptedException {
        try (Jvm jvm = start(folder, Stream.concat(Stream.of("doctor"), Stream.of(more)).toArray())) {
            return page(jvm);
        }
    }

    private static void requireLine(String page, String pattern) {
        assertTrue(page.lines().anyMatch(line -> line.matches(pattern)), () -> pattern + " is not in\n" + page);
    }

    private static Set<String> files(Path in) throws IOException {
        try (Stream<Path> files = Files.list(in)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /** Somebody else's libraries, which leave a mark when they are opened. */
    @Test
    @Needs(Need.GXX)
    @SecondCircle("another process")
    void whatLiesInTheSharedFolderIsNeverOpened() throws IOException, InterruptedException {
        Path mark = folder.resolve("opened");
        Path source = Files.writeString(folder.resolve("planted.cpp"), "#include <cstdio>\n"
                + "__attribute__((constructor)) static void run() { fopen(\"" + mark + "\", \"w\"); }\n");
        for (String name : FILES) {
            assertEquals(0, new ProcessBuilder("g++", "-shared", "-fPIC", source.toString(), "-o",
                    shared.resolve(name).toString()).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor());
        }
        requireLine(doctor("--cuda-binding", "jcuda"), "  jcuda +serves, with cuBLAS 12.6.0");
        assertFalse(Files.exists(mark), "somebody else's library has run");
        assertEquals(FILES, files(own));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(own)));
        assertEquals(FILES, files(shared));
    }

    @Test
    @SecondCircle("another file")
    void aTruncatedLibraryIsReplaced() throws IOException, InterruptedException {
        doctor("--cuda-binding", "jcuda");
        Path driver = own.resolve(FILES.stream().filter(name -> name.contains("Driver")).findFirst().orElseThrow());
        byte[] whole = Files.readAllBytes(driver);
        try (var file = Files.newByteChannel(driver, StandardOpenOption.WRITE)) {
            file.truncate(whole.length / 2);
        }
        requireLine(doctor("--cuda-binding", "jcuda"), "  jcuda +serves, .*");
        assertArrayEquals(whole, Files.readAllBytes(driver));
    }

    /** As the jobs of one user start, where none has unpacked it yet. */
    @Test
    @SecondCircle("many processes")
    void manyMayStartAtOnce() throws IOException, InterruptedException {
        List<Jvm> all = new ArrayList<>();
        try {
            for (int i = 0; i < 6; i++) {
                all.add(start(Files.createDirectory(folder.resolve("process-" + i)), "doctor", "--cuda-binding",
                        "jcuda"));
            }
            for (Jvm jvm : all) {
                requireLine(page(jvm), "  jcuda +serves, .*");
            }
        } finally {
            all.forEach(Jvm::close);
        }
        assertEquals(FILES, files(own));
    }

    @Test
    void wherePanamaServesJcudaIsLeftAlone() throws IOException, InterruptedException {
        String page = doctor();
        requireLine(page, "  panama +serves, .*");
        assertTrue(page.lines().noneMatch(line -> line.matches("  jcuda +serves.*")), page);
        assertEquals(Set.of(), files(shared));
        assertFalse(Files.exists(own));
    }

    @Test
    @SecondCircle("another process")
    void aFolderThatOthersMayWriteToIsRefused() throws IOException, InterruptedException {
        Files.createDirectories(own);
        Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwxrwxrwx"));
        requireLine(doctor("--cuda-binding", "jcuda"), "  jcuda +missing: JCuda's native code is not run from " + own
                + ", which others may write to; remove it, or set CHARLSTM_CACHE to a folder of your own");
        assertEquals(Set.of(), files(own));
        assertEquals(Set.of(), files(shared));
    }

    /** It is asked for again and again, and says the same. */
    @Test
    @SecondCircle("another process")
    void whatKeepsItFromBeingUnpackedIsTold() throws IOException, InterruptedException {
        // A file is no folder, whoever runs this.
        environment.put("CHARLSTM_CACHE", Files.writeString(folder.resolve("file"), "").toString());
        requireLine(doctor("--cuda-binding", "jcuda"), "  jcuda +missing: JCuda's native code cannot be unpacked to "
                + ".*/file/jcuda, which cannot be written; set CHARLSTM_CACHE to a folder that can");
        environment.remove("CHARLSTM_CACHE");
        requireLine(doctor("--cuda-binding", "jcuda"), "  jcuda +missing: JCuda's native code has to be unpacked, .*; "
                + "set CHARLSTM_CACHE");
        assertEquals(Set.of(), files(shared));
    }
}
