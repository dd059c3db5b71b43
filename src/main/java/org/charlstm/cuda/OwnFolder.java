package org.charlstm.cuda;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** A folder for code that is run: nobody else may write to it. */
public final class OwnFolder {
    private static final String ALONE = "rwx------";

    private OwnFolder() {
    }

    /**
     * Makes a folder for this user alone where there is none.
     *
     * @return why nothing is to be run from it, such as {@code belongs to ada}; empty if it is this user's own
     * @throws IOException if it cannot be made or looked at
     */
    public static Optional<String> objection(Path folder) throws IOException {
        Path parent = folder.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        try {
            Files.createDirectory(folder, posix
                    ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString(ALONE))}
                    : new FileAttribute<?>[0]);
            return Optional.empty();
        } catch (FileAlreadyExistsException e) {
            return posix ? objectionToWhatIsThere(folder) : Optional.empty();
        }
    }

    private static Optional<String> objectionToWhatIsThere(Path folder) throws IOException {
        PosixFileAttributes found = Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!found.isDirectory()) {
            return Optional.of("is no folder");
        }
        if (found.permissions().contains(PosixFilePermission.GROUP_WRITE)
                || found.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
            return Optional.of("others may write to");
        }
        // Of a process the system knows the user, who may have no name.
        return found.owner().equals(Files.getOwner(Path.of("/proc/self"))) ? Optional.empty()
                : Optional.of("belongs to " + found.owner().getName());
    }
}
