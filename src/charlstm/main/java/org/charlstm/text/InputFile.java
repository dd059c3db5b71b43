package org.charlstm.text;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Refuse;
import org.jspecify.annotations.Nullable;

/** A file that text is read from; a null path is standard input. */
record InputFile(@Nullable Path path) {
    /** The files of an input, in the order in which they are read. */
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
            // Names are compared with slashes, so the order is the same on every system.
            files = seen.stream().filter(InputFile::isText)
                    .sorted(Comparator
                            .comparing(file -> file.toString().replace(file.getFileSystem().getSeparator(), "/")))
                    .map(InputFile::new).toList();
        } catch (UncheckedIOException e) {
            throw unreadable(folder, Objects.requireNonNullElse(e.getCause(), e));
        } catch (IOException e) {
            throw unreadable(folder, e);
        }
        Refuse.inputIf(files.isEmpty(),
                folder + " is a folder without text: it has no .txt, no .txt.gz and no .json of COCO's captions; name "
                        + wanted);
        if (files.size() < all) {
            progress.warn("skipping " + (all - files.size()) + " of the " + all + " files in " + folder
                    + ": only .txt, .txt.gz and the .json of COCO's captions are read");
        }
        return files;
    }

    private static CharlstmException unreadable(Path folder, Throwable e) {
        return new CharlstmException(folder + " cannot be read: " + (e instanceof FileSystemLoopException
                ? e.getMessage() + " is a link to a folder that it lies in" : "its folder " + e.getMessage()
                        + " may not be looked into, or has gone"),
                e);
    }

    private static boolean isHidden(Path below) {
        for (Path each : below) {
            if (each.toString().startsWith(".")) {
                return true;
            }
        }
        return false;
    }

    /** Whether a file is text by its name. JSON must also begin like COCO's, since other files are JSON too. */
    private static boolean isText(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        String unpacked = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
        if (!unpacked.endsWith(".json")) {
            return unpacked.endsWith(".txt");
        }
        InputFile json = new InputFile(file);
        try (InputStream in = json.unpacked(new BufferedInputStream(json.open()))) {
            return CocoCaptions.areIn(in.readNBytes(TextEncoding.HEAD));
        } catch (IOException | CharlstmException e) {
            // The file counts as text; reading it later reports the failure.
            return true;
        }
    }

    String name() {
        return path == null ? TextInput.STANDARD_INPUT_NAME : path.toString();
    }

    /** The file's size in bytes, or 0 if unknown. */
    long size() throws IOException {
        return path != null && isRepeatable() ? Files.size(path) : 0;
    }

    /** Whether the file can be read more than once. */
    boolean isRepeatable() {
        return path != null && Files.isRegularFile(path);
    }

    /** The file's bytes as they are stored. Closing the stream leaves standard input open. */
    InputStream open() throws IOException {
        return path != null ? Files.newInputStream(path) : new FilterInputStream(System.in) {
            @Override
            public void close() {
                // Standard input stays open.
            }
        };
    }

    /** Unpacks this file's bytes if they begin like a gzip file, whatever the file's name. */
    InputStream unpacked(BufferedInputStream bytes) throws IOException {
        bytes.mark(2);
        byte[] magic = bytes.readNBytes(2);
        bytes.reset();
        if (!TextEncoding.begins(magic, 0x1F, 0x8B)) {
            return bytes;
        }
        try {
            return new BufferedInputStream(new Gunzipped(new GZIPInputStream(bytes, TextEncoding.HEAD)),
                    TextEncoding.HEAD);
        } catch (ZipException | EOFException e) {
            throw brokenGzip(e);
        }
    }

    /** Turns the exceptions of a broken gzip file into a message. */
    private final class Gunzipped extends FilterInputStream {
        Gunzipped(GZIPInputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int at, int most) throws IOException {
            try {
                return in.read(into, at, most);
            } catch (ZipException | EOFException e) {
                throw brokenGzip(e);
            }
        }
    }

    private CharlstmException brokenGzip(IOException e) {
        return new CharlstmException(name() + " is compressed with gzip, and broken: "
                + (e instanceof EOFException ? "it ends too early" : "its content is not what gzip writes")
                + "; get it anew, or unpack what is whole of it with gunzip", e);
    }
}
