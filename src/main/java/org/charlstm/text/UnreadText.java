package org.charlstm.text;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.charlstm.CharlstmException;
import org.charlstm.ShellWord;
import org.jspecify.annotations.Nullable;

/** Files with text in a form that is not read, told by how they begin, and the commands that make it text. */
final class UnreadText {
    /** How much of a file's beginning is looked at. */
    static final int HEAD = 1 << 16;

    /** COCO's annotations: an object of such members, of which that with the captions may come far behind. */
    private static final Pattern COCO = Pattern.compile("\\uFEFF?\\s*\\{\\s*"
            + "(?=\"(?:info|images|licenses|type|annotations)\"\\s*:).*\"(?:images|annotations)\"\\s*:\\s*\\[.*",
            Pattern.DOTALL);
    /** COCO's own file, or Karpathy's of it, with words apart by one space: some captions have line ends in them. */
    private static final String CAPTIONS_OF_COCO = "python3 -c 'import json, sys; "
            + "all = json.load(open(sys.argv[1], encoding=\"utf-8-sig\")); "
            + "[print(*text.split()) for text in "
            + "[each[\"caption\"] for each in all.get(\"annotations\", []) if \"caption\" in each] or "
            + "[each[\"raw\"] for image in all[\"images\"] for each in image.get(\"sentences\", [])]]' ";

    private UnreadText() {
    }

    /**
     * Refuses a file that begins as none of text in UTF-8 does.
     *
     * @param file the file
     * @param head its beginning, {@link #HEAD} bytes of it or all
     * @throws CharlstmException which says what it is and how to make text of it
     */
    static void refuse(Path file, byte[] head) {
        byte[] bytes = head.length > HEAD ? Arrays.copyOf(head, HEAD) : head;
        if (begins(bytes, 0x1F, 0x8B)) {
            throw new CharlstmException(file + " is compressed with gzip; unpack it: "
                    + (file.toString().endsWith(".gz") ? "gunzip -k " + ShellWord.of(file)
                            : "gunzip -c < " + ShellWord.of(file) + " > " + beside(file, "-unpacked")));
        }
        String packed = begins(bytes, 'B', 'Z', 'h') ? "bzip2 -dc" : begins(bytes, 0xFD, '7', 'z', 'X', 'Z') ? "xz -dc"
                : begins(bytes, 0x28, 0xB5, 0x2F, 0xFD) ? "zstd -dc" : begins(bytes, 'P', 'K', 3, 4) ? "unzip -p"
                : null;
        if (packed != null) {
            throw new CharlstmException(file + " is an archive; unpack it: " + packed + " " + ShellWord.of(file) + " > "
                    + beside(file, "-unpacked"));
        }
        String wide = wide(bytes);
        if (wide != null) {
            throw new CharlstmException(file + " is text in " + wide + ", and UTF-8 is read; convert it: "
                    + iconv(wide, file));
        }
        if (COCO.matcher(new String(bytes, StandardCharsets.UTF_8)).matches()) {
            throw new CharlstmException(file + " is JSON as COCO has it, not captions one a line; take them out: "
                    + CAPTIONS_OF_COCO + ShellWord.of(file) + " > " + beside(file, "-captions"));
        }
    }

    /**
     * What to do with a file that is not valid UTF-8.
     *
     * @param file the file
     * @return the end of a message
     */
    static String conversion(Path file) {
        return mayBeWestern(file)
                ? "if it is text in another encoding than Windows' or the older Western European, name that (iconv -l "
                        + "lists them); convert it: " + iconv("WINDOWS-1252", file)
                : "if it is text, name its encoding (iconv -l lists them) and convert it: " + iconv("ENCODING", file);
    }

    private static String iconv(String encoding, Path file) {
        return "iconv -f " + encoding + " -t UTF-8 " + ShellWord.of(file) + " > " + beside(file, "-utf8");
    }

    /** A text file's name beside another file's, as a shell takes it. */
    private static String beside(Path file, String what) {
        String name = file.getFileName().toString().replaceFirst("(?<=.)\\.[A-Za-z0-9]+$", "");
        return ShellWord.of(file.resolveSibling(name + what + ".txt"));
    }

    private static boolean begins(byte[] bytes, int... with) {
        for (int i = 0; i < with.length; i++) {
            if (i >= bytes.length || bytes[i] != (byte) with[i]) {
                return false;
            }
        }
        return true;
    }

    /** The encoding of two or four bytes a character, by its mark, or by the zeros beside letters; or null. */
    private static @Nullable String wide(byte[] bytes) {
        if (begins(bytes, 0xFF, 0xFE, 0, 0) || begins(bytes, 0, 0, 0xFE, 0xFF)) {
            return "UTF-32";
        }
        if (begins(bytes, 0xFF, 0xFE) || begins(bytes, 0xFE, 0xFF)) {
            return "UTF-16";
        }
        int[] zeros = new int[2];
        for (int i = 0; i < bytes.length; i++) {
            zeros[i % 2] += bytes[i] == 0 ? 1 : 0;
        }
        for (int low = 0; low < 2; low++) {
            // Of every ten characters nine have a high byte of zero, and hardly any a low one.
            if (zeros[1 - low] * 20L > bytes.length * 9L && zeros[low] * 200L < bytes.length) {
                return low == 0 ? "UTF-16LE" : "UTF-16BE";
            }
        }
        return null;
    }

    /** Whether all bytes of a file are characters in Windows-1252, which has nearly all of ISO-8859-1. */
    private static boolean mayBeWestern(Path file) {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), HEAD)) {
            for (int each = in.read(); each >= 0; each = in.read()) {
                if (each == 0 || each == 0x81 || each == 0x8D || each == 0x8F || each == 0x90 || each == 0x9D) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
