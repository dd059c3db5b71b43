package org.charlstm.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A folder for temporary files, which nobody else can read or lay links into, wherever the system keeps such. */
public final class PrivateFolder implements AutoCloseable {
    private final Path folder;
    private final List<Path> files = new ArrayList<>();

    /**
     * Makes a new one.
     *
     * @throws IOException if it cannot be made
     */
    public PrivateFolder() throws IOException {
        // For its owner alone, as this method promises where the system knows owners.
        folder = Files.createTempDirectory("charlstm");
    }

    /**
     * A file's place in it.
     *
     * @return where it may be made
     */
    public Path file(String name) {
        Path file = folder.resolve(name);
        files.add(file);
        return file;
    }

    /** Deletes it with its files; what cannot be deleted stays behind. */
    @Override
    public void close() {
        try {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            System.getLogger(PrivateFolder.class.getName()).log(System.Logger.Level.DEBUG, "left behind: " + folder, e);
        }
    }
}
