package org.charlstm.machine;

import module java.base;

/** Files by others, which tests read and which are no part of the project: {@link Needs#data()} names them. */
public final class TestData {
    private static final Path FOLDER = Path.of(System.getenv().getOrDefault("CHARLSTM_DATA", "../shared/data"));

    private TestData() {
    }

    /** A file of the folder that {@code CHARLSTM_DATA} names. */
    public static Path file(String name) {
        return FOLDER.resolve(name);
    }

    static Optional<String> lacking(String name) {
        return !Installed.hidden("data") && Files.exists(file(name)) ? Optional.empty()
                : Optional.of("no data by others in " + FOLDER + ": set CHARLSTM_DATA to a folder that has it "
                        + "(CONTRIBUTING.md says where it comes from)");
    }
}
