package org.charlstm.base;

import module java.base;

/** A folder for temporary files in which no other user can read or create anything. */
public final class TemporaryFolder implements AutoCloseable {
    private final Path folder;
    private final List<Path> files = new ArrayList<>();

    public TemporaryFolder() throws IOException {
        // Only the owner has access, on systems with owners.
        folder = Files.createTempDirectory("charlstm");
    }

    /** The path of a file in this folder, for the caller to create. */
    public Path file(String name) {
        Path file = folder.resolve(name);
        files.add(file);
        return file;
    }

    /** Deletes the folder and its files as far as possible. */
    @Override
    public void close() {
        try {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            System.getLogger(TemporaryFolder.class.getName()).log(System.Logger.Level.DEBUG, "left behind: " + folder,
                    e);
        }
    }
}
