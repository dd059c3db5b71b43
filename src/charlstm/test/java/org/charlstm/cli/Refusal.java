package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.Refusals;

/** The rules that every refused command line follows. */
public final class Refusal {
    /** A word of a program's insides that no user should have to read. */
    private static final List<String> INSIDES = Stream.concat(Refusals.INSIDES.stream(), Stream.of("Usage:")).toList();

    private Refusal() {
    }

    /**
     * Runs a command line that must be refused with one line, and leave all files as they were.
     *
     * @param folder the files that the command line may have touched
     * @return the line
     */
    public static String of(int code, Path folder, Object... arguments) {
        Tool tool = of(folder, arguments);
        assertEquals(code, tool.code(), () -> List.of(arguments) + " said: " + tool.err());
        return tool.err().strip();
    }

    /** The same, with any exit code but 0. */
    public static Tool of(Path folder, Object... arguments) {
        return given("", folder, arguments);
    }

    /** The same of a command line that is given something to read. */
    public static Tool given(String input, Path folder, Object... arguments) {
        Map<Path, String> before = everything(folder);
        Tool tool = Tool.given(input, arguments);
        String what = List.of(arguments) + " said: " + tool.err();
        assertTrue(tool.code() == Main.USAGE || tool.code() == Main.FAILED, () -> tool.code() + ": " + what);
        assertTrue(tool.err().startsWith("charlstm: "), what);
        assertTrue(tool.err().endsWith(System.lineSeparator()), what);
        assertEquals(1, tool.err().lines().count(), what);
        INSIDES.forEach(word -> assertFalse(tool.err().contains(word), what));
        assertEquals("", tool.out(), what);
        assertEquals(before, everything(folder), what);
        return tool;
    }

    /** The files below a folder with their bytes, and what the working folder holds. */
    private static Map<Path, String> everything(Path folder) {
        Map<Path, String> all = new TreeMap<>();
        try (Stream<Path> below = Files.walk(folder);
                Stream<Path> here = Files.list(Path.of(""));
                Stream<Path> runs = Files.isDirectory(Path.of("runs")) ? Files.list(Path.of("runs")) : Stream.of()) {
            for (Path path : Stream.of(below, here, runs).flatMap(part -> part).toList()) {
                boolean tested = path.startsWith(folder) && Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
                all.put(path, tested ? Files.readString(path, StandardCharsets.ISO_8859_1) : "");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }
}
