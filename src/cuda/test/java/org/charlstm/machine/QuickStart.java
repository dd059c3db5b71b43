package org.charlstm.machine;

import module java.base;

/**
 * The tool's jar in processes of tests, which live for a moment: an archive of its classes spares each of them a third
 * of its time. The first that asks makes the archive, once for each jar.
 */
public final class QuickStart {
    /** The build's, with its libraries beside it. */
    public static final Path JAR = Path.of("target", "charlstm.jar").toAbsolutePath();
    /** Little is compiled, nothing of the collector's has threads of its own; and the fast path on a processor. */
    private static final List<String> BRIEF = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "--add-modules",
            "jdk.incubator.vector");

    private QuickStart() {
    }

    private static final class Archive {
        static final List<String> FLAGS = Stream.concat(BRIEF.stream(), made().stream()).toList();

        /** An archive that does not fit this Java or jar is passed over in silence. */
        private static List<String> made() {
            Path archive = JAR.resolveSibling("tests.jsa");
            try {
                if (!Files.exists(archive)
                        || Files.getLastModifiedTime(archive).compareTo(Files.getLastModifiedTime(JAR)) < 0) {
                    make(archive);
                }
                return Files.exists(archive) ? List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:cds*=off,aot*=off")
                        : List.of();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return List.of();
            }
        }

        private static void make(Path archive) throws IOException, InterruptedException {
            Path folder = Files.createTempDirectory(archive.getParent(), "tests");
            Path part = folder.resolve("jsa");
            Files.deleteIfExists(archive);
            new ProcessBuilder(Stream.of(List.of(java(), "-XX:ArchiveClassesAtExit=" + part,
                    "--enable-native-access=ALL-UNNAMED"), BRIEF,
                    List.of("-cp", JAR.toString(), "org.charlstm.cli.Main", "train", "--device", "cpu", "--max-samples",
                            "8", "--epochs", "1", "--hidden", "4", "--dense", "4", "--out", "run"))
                    .flatMap(List::stream).toList()).directory(folder.toFile())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start().waitFor();
            if (Files.exists(part)) {
                Files.move(part, archive, StandardCopyOption.ATOMIC_MOVE);
            }
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** This Java's program. */
    public static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** Flags for the jar as the first of the class path; with another they serve too, and the archive is left out. */
    public static List<String> flags() {
        return Archive.FLAGS;
    }

    /** The jar, and after it the classes of the tests, for a program of theirs. */
    public static String withTests() {
        return JAR + File.pathSeparator + System.getProperty("java.class.path");
    }
}
