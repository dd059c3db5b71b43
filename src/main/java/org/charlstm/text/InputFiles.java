package org.charlstm.text;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.charlstm.CharlstmException;

/** The files that an input's paths stand for. */
final class InputFiles {
    private InputFiles() {
    }

    /**
     * Every file, in the order in which they are read.
     *
     * @param wanted what each should be, for messages
     * @throws CharlstmException if a path is not there, or a folder has no text
     */
    static List<InputFile> of(TextInput input, String wanted, ReadingProgress progress) {
        List<InputFile> files = new ArrayList<>();
        for (Path path : input.paths()) {
            if (path.equals(TextInput.STANDARD_INPUT)) {
                files.add(new InputFile(null));
            } else if (Files.isDirectory(path)) {
                files.addAll(within(path, wanted, progress));
            } else if (Files.exists(path)) {
                files.add(new InputFile(path));
            } else {
                throw new CharlstmException(path + " does not exist; name " + wanted);
            }
        }
        return files;
    }

    private static List<InputFile> within(Path folder, String wanted, ReadingProgress progress) {
        List<InputFile> files;
        int all;
        try (Stream<Path> below = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            List<Path> seen = below.filter(file -> !isHidden(folder.relativize(file)) && Files.isRegularFile(file))
                    .toList();
            all = seen.size();
            files = seen.stream().filter(InputFiles::isText).sorted(Comparator.comparing(InputFiles::name))
                    .map(InputFile::new).toList();
        } catch (UncheckedIOException e) {
            throw unread(folder, Objects.requireNonNullElse(e.getCause(), e));
        } catch (IOException e) {
            throw unread(folder, e);
        }
        if (files.isEmpty()) {
            throw new CharlstmException(folder + " is a folder without text: it has no .txt, no .txt.gz and no .json "
                    + "of COCO's captions; name " + wanted);
        }
        if (files.size() < all) {
            progress.warn("skipping " + (all - files.size()) + " of the " + all + " files in " + folder
                    + ": only .txt, .txt.gz and the .json of COCO's captions are read");
        }
        return files;
    }

    private static CharlstmException unread(Path folder, Throwable e) {
        return new CharlstmException(folder + " cannot be read: " + (e instanceof FileSystemLoopException
                ? e.getMessage() + " is a link to a folder that it lies in" : "its folder " + e.getMessage()
                        + " may not be looked into, or has gone"),
                e);
    }

    /** The same order on every system. */
    private static String name(Path file) {
        return file.toString().replace(file.getFileSystem().getSeparator(), "/");
    }

    private static boolean isHidden(Path below) {
        for (Path each : below) {
            if (each.toString().startsWith(".")) {
                return true;
            }
        }
        return false;
    }

    /** Whether a name says that a file is text; JSON also has to begin as COCO's does, for much else is called so. */
    private static boolean isText(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        String unpacked = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
        if (!unpacked.endsWith(".txt") && !unpacked.endsWith(".json")) {
            return false;
        }
        if (unpacked.endsWith(".txt")) {
            return true;
        }
        try (InputStream in = Unpacked.of(file.toString(), new BufferedInputStream(Files.newInputStream(file)))) {
            in.mark(TextHead.MOST);
            return CocoCaptions.areIn(in.readNBytes(TextHead.MOST));
        } catch (IOException | CharlstmException e) {
            // Whoever reads it says what is wrong.
            return true;
        }
    }
}
