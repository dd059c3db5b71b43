package org.charlstm.run.folder;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.AtomicFile;
import org.charlstm.base.IoFailure;
import org.charlstm.base.Setting;
import org.jspecify.annotations.Nullable;

/** The output folder of a run or an experiment; {@code made} says that {@link #prepare} created it. */
public record OutFolder(Path path, boolean made) {
    private static final Path RUNS = Path.of("runs");
    private static final String LATEST = "latest";

    /** Creates a folder, for null a fresh one under {@code runs/}. Refuses unwritable ones and, unless forced, runs. */
    public static OutFolder prepare(@Nullable Path folder, boolean force) {
        try {
            if (folder == null) {
                return fresh();
            }
            if (Files.exists(folder) && !Files.isDirectory(folder)) {
                throw new CharlstmException(folder + " is a file; name a folder for the run").mendedBy(Setting.OUTPUT);
            }
            if (RunFolder.holdsRun(folder) && !force) {
                throw new CharlstmException(folder + " already holds a run; name another folder, go on with it, or "
                        + "overwrite it").mendedBy(Setting.OUTPUT, Setting.RESUME, Setting.OVERWRITE);
            }
            // A link, such as runs/latest, may lead elsewhere later.
            Path target = Files.isSymbolicLink(folder) ? folder.toRealPath() : folder;
            boolean made = !Files.exists(target);
            Files.createDirectories(target);
            requireWritable(target);
            return new OutFolder(target, made);
        } catch (IOException e) {
            throw new CharlstmException((folder == null ? RUNS : folder) + " cannot be written to ("
                    + IoFailure.of(e) + "); name another folder", e).mendedBy(Setting.OUTPUT);
        }
    }

    private static void requireWritable(Path folder) throws IOException {
        try {
            Files.delete(Files.createTempFile(folder, ".writable", ".tmp"));
        } catch (FileSystemException e) {
            throw AtomicFile.withoutTemporary(e, folder);
        }
    }

    private static OutFolder fresh() throws IOException {
        Files.createDirectories(RUNS);
        String time = LocalDateTime.now(ZoneId.systemDefault()).format(
                DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT));
        for (int i = 1;; i++) {
            Path folder = RUNS.resolve(i == 1 ? time : time + "-" + i);
            try {
                Files.createDirectory(folder);
            } catch (FileAlreadyExistsException e) {
                continue;
            }
            return new OutFolder(folder, true);
        }
    }

    /** Points {@code runs/latest} to a folder under {@code runs/}, if the file system has links. */
    public static void link(Path folder) {
        Path link = RUNS.resolve(LATEST);
        if (!RUNS.toAbsolutePath().equals(folder.toAbsolutePath().normalize().getParent())
                || (Files.exists(link, LinkOption.NOFOLLOW_LINKS) && !Files.isSymbolicLink(link))) {
            return;
        }
        try {
            Path temporary = RUNS.resolve("." + LATEST + "-" + ProcessHandle.current().pid());
            Files.deleteIfExists(temporary);
            Files.createSymbolicLink(temporary, folder.getFileName());
            Files.move(temporary, link, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | UnsupportedOperationException e) {
            System.getLogger(OutFolder.class.getName()).log(System.Logger.Level.DEBUG, "no link " + link, e);
        }
    }
}
