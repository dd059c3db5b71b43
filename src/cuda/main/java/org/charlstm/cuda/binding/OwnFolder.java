package org.charlstm.cuda.binding;

import module java.base;
import org.jspecify.annotations.Nullable;

/**
 * A folder that was found to be the user's own. If the system can, files are opened relative to the open folder instead
 * of by path, so a folder that replaces this one later is never read.
 */
final class OwnFolder {
    private final Path path;
    /** The system's key of the folder; null if the system has none. */
    private final @Nullable Object key;

    /** Takes the folder that is at a path now. */
    OwnFolder(Path path) throws IOException {
        this.path = path;
        key = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).fileKey();
    }

    Path path() {
        return path;
    }

    /** A file's content; empty if the file is larger than {@code most} bytes. */
    Optional<byte[]> read(String name, long most) throws IOException {
        try (DirectoryStream<Path> opened = Files.newDirectoryStream(path)) {
            SecureDirectoryStream<Path> folder = same(opened);
            Path file = Path.of(name);
            Set<OpenOption> how = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
            try (SeekableByteChannel channel = folder != null ? folder.newByteChannel(file, how)
                    : Files.newByteChannel(path.resolve(file), how)) {
                return channel.size() > most ? Optional.empty()
                        : Optional.of(Channels.newInputStream(channel).readAllBytes());
            }
        }
    }

    /** Writes or replaces a file atomically: another process sees the whole old or the whole new content. */
    void write(String name, byte[] content) throws IOException {
        try (DirectoryStream<Path> opened = Files.newDirectoryStream(path)) {
            SecureDirectoryStream<Path> folder = same(opened);
            if (folder == null) {
                writeByPath(name, content);
                return;
            }
            Path temporary = Path.of(name + "." + UUID.randomUUID() + ".tmp");
            try (SeekableByteChannel channel = folder.newByteChannel(temporary,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                ByteBuffer bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                folder.move(temporary, folder, Path.of(name));
            } catch (IOException e) {
                folder.deleteFile(temporary);
                throw e;
            }
        }
    }

    private void writeByPath(String name, byte[] content) throws IOException {
        Path temporary = Files.createTempFile(path, name, ".tmp");
        try {
            Files.write(temporary, content);
            Files.move(temporary, path.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** The open folder; null if the system opens files by paths only. Throws if another folder has taken the place. */
    private @Nullable SecureDirectoryStream<Path> same(DirectoryStream<Path> opened) throws IOException {
        if (!(opened instanceof SecureDirectoryStream<Path> folder)) {
            return null;
        }
        BasicFileAttributes found = folder.getFileAttributeView(BasicFileAttributeView.class).readAttributes();
        if (!Objects.equals(key, found.fileKey())) {
            throw new FileSystemException(path.toString(), null, "another folder has taken its place");
        }
        return folder;
    }
}
