package org.charlstm.text;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts in other encodings than UTF-8. */
class EncodingTest {
    private static final List<String> CAPTIONS = List.of("a man caf\u00E9", "two d\u00F6gs", "a b\u00FCs");
    private static final String TEXT = String.join("\r\n", CAPTIONS) + "\n";

    @TempDir
    private Path folder;

    private Path file(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    private static List<String> captions(Path file, String encoding) {
        TextInput input = new TextInput(List.of(file), encoding == null ? null : Charset.forName(encoding));
        List<String> captions = CaptionFile.read(input, 1000, null, ReadingProgress.NONE).texts();
        String all = String.join("\n", captions) + "\n";
        int length = all.codePointCount(0, all.length());
        assertEquals(all, RunningText.read(input, Long.MAX_VALUE, ReadingProgress.NONE).windows(length, 1, 1).texts()
                .getFirst());
        return captions;
    }

    /** The message by which both captions and running text of a file are refused. */
    private static String refusal(Path file, String encoding) {
        TextInput input = new TextInput(List.of(file), encoding == null ? null : Charset.forName(encoding));
        String said = assertRefused(file.toString(),
                () -> CaptionFile.read(input, 1000, null, ReadingProgress.NONE));
        assertEquals(said, assertRefused(file.toString(),
                () -> RunningText.read(input, Long.MAX_VALUE, ReadingProgress.NONE)));
        return said;
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "windows-1252", "ISO-8859-1", "UTF-16LE", "UTF-16BE", "UTF-16", "UTF-32", "IBM850",
        "GB18030"})
    void readsTheNamedEncoding(String encoding) throws IOException {
        assertEquals(CAPTIONS, captions(file("text", TEXT.getBytes(Charset.forName(encoding))), encoding));
    }

    @ParameterizedTest
    @CsvSource({"windows-1252, UTF-8, true", "ISO-8859-1, UTF-8, true", "windows-1252, windows-1252, false",
        "windows-1252, US-ASCII, false", "UTF-8, UTF-8, false", "UTF-16LE, UTF-16LE, false"})
    void warnsOfUtf8ReadAsAnotherEncoding(String named, String written, boolean warns) throws IOException {
        Path file = file("text", ("a man\n".repeat(1 << 14) + TEXT).getBytes(Charset.forName(written)));
        TextInput input = new TextInput(List.of(file), Charset.forName(named));
        Warned warned = new Warned();
        CaptionFile.read(input, Integer.MAX_VALUE, null, warned);
        RunningText.read(input, Long.MAX_VALUE, warned);
        String warning = file + " is read as " + named + ", as asked for, but all of it is valid UTF-8, as text in "
                + "another encoding hardly ever is; if it is UTF-8, say so";
        assertEquals(warns ? List.of(warning, warning) : List.of(), warned.warnings());
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "UTF-16BE", "GB18030", "UTF-32LE"})
    void surrogatePairsAcrossBuffersStayWhole(String encoding) throws IOException {
        String line = "\uD83D\uDE00".repeat(9_999);
        for (String before : List.of("", "a")) {
            List<String> lines = List.of(before, line, line, line, line);
            Path file = file("text", (String.join("\n", lines) + "\n").getBytes(Charset.forName(encoding)));
            assertEquals(before.isEmpty() ? lines.subList(1, 5) : lines, CaptionFile.read(new TextInput(List.of(file),
                    Charset.forName(encoding)), 9, null, ReadingProgress.NONE).texts());
        }
    }

    @ParameterizedTest
    @CsvSource({"x-UTF-16LE-BOM", "UTF-16", "X-UTF-32LE-BOM", "X-UTF-32BE-BOM"})
    void byteOrderMarkOverridesTheNamedEncoding(String written) throws IOException {
        Path file = file("text", TEXT.getBytes(Charset.forName(written)));
        for (String named : new String[] {null, "UTF-8", "windows-1252", "UTF-16BE"}) {
            assertEquals(CAPTIONS, captions(file, named));
        }
        Path utf8 = file("utf8", ("\uFEFF" + TEXT).getBytes(StandardCharsets.UTF_8));
        for (String named : List.of("UTF-16LE", "GB18030", "Shift_JIS", "US-ASCII")) {
            assertEquals(CAPTIONS, captions(utf8, named));
        }
        // In these it is three characters, which a program kept that knew no marks.
        Path ascii = file("ascii", "\uFEFFa\n".getBytes(StandardCharsets.UTF_8));
        for (String named : List.of("ISO-8859-1", "windows-1252")) {
            assertEquals(List.of("\u00EF\u00BB\u00BFa"), captions(ascii, named));
        }
        assertEquals(List.of("\u043F\u00BB\u0457a"), captions(ascii, "windows-1251"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE"})
    void utf16WithoutMarkIsRefusedByName(String encoding) throws IOException {
        Path file = file("text", TEXT.getBytes(Charset.forName(encoding)));
        String said = refusal(file, null);
        assertTrue(said.endsWith(" is not in UTF-8 but in " + encoding
                + ", without a byte order mark to tell it; name its encoding"), said);
        assertEquals(CAPTIONS, captions(file, encoding));
    }

    @Test
    void malformedTextNamesEncodingsThatFit() throws IOException {
        Path western = file("western.txt", TEXT.getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(western + ", line 1 is not valid UTF-8 (byte 10 of the text, 0xE9); it would fit windows-1252 or "
                + "ISO-8859-1; name its encoding", refusal(western, null));
        Path euro = file("euro.txt", "a\n\u20AC".getBytes(Charset.forName("windows-1252")));
        assertEquals(euro + ", line 2 is not valid UTF-8 (byte 3 of the text, 0x80); it would fit windows-1252; name "
                + "its encoding", refusal(euro, null));
        Path utf8 = file("utf8.txt", TEXT.getBytes(StandardCharsets.UTF_8));
        assertEquals(utf8 + ", line 1 is not valid US-ASCII (byte 10 of the text, 0xC3); it would fit UTF-8 or "
                + "windows-1252 or ISO-8859-1; name its encoding", refusal(utf8, "US-ASCII"));
        Path packed = file("western.gz", TextInputTest.packed("a"));
        assertEquals(List.of("a"), CaptionFile.read(packed, 9).texts());
        Path marked = file("marked", new byte[] {(byte) 0xFE, (byte) 0xFF, 0, 'a', (byte) 0xD8, 0, 0, 'b'});
        assertTrue(refusal(marked, null).startsWith(marked
                + ", line 1 is not valid UTF-16BE (byte 5 of the text, 0xD8); "));
    }

    @ParameterizedTest
    @CsvSource({"windows-1251, KOI8-R", "KOI8-R, windows-1251"})
    void cyrillicIsGuessedBeforeWestern(String written, String other) throws IOException {
        Path text = file("cyrillic.txt",
                """
                        Кот спит на ковре.
                        Собака бежит за bus 7.
                        """.getBytes(Charset.forName(written)));
        assertTrue(refusal(text, null).endsWith("; it would fit " + written + " or " + other + " or windows-1252 or "
                + "ISO-8859-1; name its encoding"), refusal(text, null));
        assertEquals(2, captions(text, written).size());
    }

    /** Lone CRs are characters where lines end otherwise. */
    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "UTF-16LE", "windows-1252"})
    void linesOfOldMacs(String encoding) throws IOException {
        Charset charset = Charset.forName(encoding);
        assertEquals(CAPTIONS, captions(file("mac", TEXT.replaceAll("\r\n|\n", "\r").getBytes(charset)), encoding));
        assertEquals(List.of("a", "b"), captions(file("open", "a\rb\r".getBytes(charset)), encoding));
        assertEquals(List.of("a\rb", "c"), captions(file("mixed", "a\rb\nc\n".getBytes(charset)), encoding));
        String longer = "a caption\r".repeat(20_000);
        assertEquals(20_000, CaptionFile.read(new TextInput(List.of(file("long", longer.getBytes(charset))), charset),
                Integer.MAX_VALUE, null, ReadingProgress.NONE).size());
    }

    @Test
    void binaryDataFitsNoEncoding() throws IOException {
        byte[] bytes = new byte[100_000];
        new Random(1).nextBytes(bytes);
        assertTrue(refusal(file("random", bytes), null).endsWith("); name its encoding"));
        assertTrue(refusal(file("more", new byte[] {'a', (byte) 0x81}), null).endsWith("); name its encoding"));
    }

    @Test
    void malformedTextBehindTheLastCaptionIsNotRead() throws IOException {
        Path file = file("text", new byte[] {'a', '\n', (byte) 0xE9});
        assertEquals(List.of("a"), CaptionFile.read(file, 1).texts());
        assertEquals(List.of("a\n"), RunningText.read(TextInput.of(file), 2, ReadingProgress.NONE).windows(2, 1, 1)
                .texts());
        Assertions.assertThrows(CharlstmException.class, () -> CaptionFile.read(file, 2));
    }

    @Test
    void archivesAreRefusedWithTheirUnpacker() throws IOException {
        assertTrue(refusal(file("a.bz2", "BZh91AY".getBytes(StandardCharsets.US_ASCII)), null).endsWith("bzip2 -dc"));
        assertTrue(refusal(file("a.xz", new byte[] {(byte) 0xFD, '7', 'z', 'X', 'Z', 0}), null).endsWith("xz -dc"));
        assertTrue(refusal(file("a.zip", new byte[] {'P', 'K', 3, 4, 20, 0}), null).endsWith("unzip -p"));
        assertTrue(refusal(file("a.zst", new byte[] {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD}), null)
                .endsWith("zstd -dc"));
    }
}
