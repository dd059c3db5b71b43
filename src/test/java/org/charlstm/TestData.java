package org.charlstm;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Finds files by others that tests read and that are no part of the project. */
public final class TestData {
    private TestData() {
    }

    /**
     * A data file; where it is absent, the calling test is skipped and says so.
     *
     * @param name the file's name inside the folder that {@code CHARLSTM_DATA} names
     * @return its path
     */
    public static Path file(String name) {
        Path file = Path.of(System.getenv().getOrDefault("CHARLSTM_DATA", "../shared/data"), name);
        assumeTrue(Files.exists(file), "no such file " + file + ": set CHARLSTM_DATA");
        return file;
    }
}
