package org.charlstm.text;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.machine.Needs;
import org.charlstm.machine.TestData;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CaptionFileTest {
    private static final String BYTE_ORDER_MARK = "\uFEFF";
    private static final String EMOJI = "\uD83D\uDE00";

    @TempDir
    private Path folder;
    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("captions.txt");
    }

    private Captions read(String content) throws IOException {
        return read(content, UTF_8, Integer.MAX_VALUE);
    }

    private Captions read(String content, Charset charset, int maxCaptions) throws IOException {
        Files.write(file, content.getBytes(charset));
        return CaptionFile.read(file, maxCaptions);
    }

    private String refusal() {
        return assertRefused(file.toString(), () -> CaptionFile.read(file, Integer.MAX_VALUE));
    }

    private String refusal(String content) throws IOException {
        return refusal(content, UTF_8);
    }

    private String refusal(String content, Charset charset) throws IOException {
        Files.write(file, content.getBytes(charset));
        return refusal();
    }

    private static List<Integer> lines(Captions captions) {
        return IntStream.range(0, captions.size()).mapToObj(captions::line).toList();
    }

    private static void assertNamesLine(int line, String message) {
        assertTrue(message.contains("line " + line + " "), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a cat\nb\n", "a cat\r\nb\r\n", "a cat\nb", "a cat\r\nb", "a cat\nb\r\n",
        BYTE_ORDER_MARK + "a cat\nb\n", BYTE_ORDER_MARK + "a cat\r\nb"})
    void lineEndsAndByteOrderMarkAreNotPartOfACaption(String content) throws IOException {
        Captions captions = read(content);
        assertEquals(List.of("a cat", "b"), captions.texts());
        assertEquals(List.of(1, 2), lines(captions));
        assertEquals(0, captions.skipped());
    }

    @Test
    void onlyOneByteOrderMarkAndOnlyAtTheVeryBeginningIsDropped() throws IOException {
        String mark = BYTE_ORDER_MARK;
        assertEquals(List.of(mark + "a", mark + "b"), read(mark + mark + "a\n" + mark + "b\n").texts());
    }

    @Test
    void aLoneCarriageReturnIsACharacter() throws IOException {
        assertEquals(List.of("a\rb", "\rc", "d\r", "e\r"), read("a\rb\n\rc\nd\r\r\ne\r").texts());
    }

    @Test
    void charactersAreCodePoints() throws IOException {
        Captions captions = read("caf\u00E9 " + EMOJI + "\n\u732B\n");
        assertEquals(List.of("caf\u00E9 " + EMOJI, "\u732B"), captions.texts());
        assertEquals(7, captions.characters());
    }

    @Test
    void blankLinesAreSkippedAndCountedAndLinesKeepTheirNumbers() throws IOException {
        Captions captions = read("\n \t\r\na\n\u00A0\n\u3000 \u2003\nb\n\r\nc\n\n");
        assertEquals(List.of("a", "b", "c"), captions.texts());
        assertEquals(List.of(3, 6, 8), lines(captions));
        assertEquals(6, captions.skipped());
        assertEquals(file + ", line 6", captions.place(1));
    }

    @Test
    void aByteOrderMarkAloneOnTheFirstLineIsABlankLine() throws IOException {
        Captions captions = read(BYTE_ORDER_MARK + "\na\n");
        assertEquals(List.of("a"), captions.texts());
        assertEquals(1, captions.skipped());
    }

    @Test
    void whiteSpaceAroundACaptionIsKept() throws IOException {
        assertEquals(List.of("  a\t", "\u00A0b\u3000"), read("  a\t\n\u00A0b\u3000\n").texts());
    }

    /** A stray byte, a byte too few, an overlong slash, a surrogate, and a number beyond Unicode. */
    @ParameterizedTest
    @ValueSource(strings = {"caf\u00E9", "\u0080", "\u00C3", "\u00C0\u00AF", "\u00ED\u00A0\u0080",
        "\u00F4\u0090\u0080\u0080"})
    void invalidUtf8IsRefusedWithItsLine(String bytes) throws IOException {
        assertNamesLine(3, refusal("one\n\n" + bytes + "\nfour\n", ISO_8859_1));
    }

    @Test
    void aMissingFileIsRefused() {
        assertTrue(refusal().contains("does not exist"));
    }

    @Test
    void anEmptyFileIsRefused() throws IOException {
        assertTrue(refusal("").contains("is empty"));
        assertTrue(refusal(BYTE_ORDER_MARK).contains("is empty"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", " ", "\r\n\u00A0\n\n", BYTE_ORDER_MARK + "\n"})
    void blankLinesAloneAreRefused(String content) throws IOException {
        assertTrue(refusal(content).contains("holds no caption"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "\u00E9", EMOJI})
    void aCaptionOfTenThousandCharactersIsAccepted(String character) throws IOException {
        String longest = character.repeat(Captions.MAX_LENGTH);
        for (String end : List.of("", "\n", "\r\n")) {
            assertEquals(List.of("b", longest), read("b\n" + longest + end).texts());
        }
    }

    /** Three bytes more than the longest caption: a limit on bytes must not count the mark. */
    @Test
    void aByteOrderMarkDoesNotCountAsACharacter() throws IOException {
        String longest = EMOJI.repeat(Captions.MAX_LENGTH);
        assertEquals(List.of(longest), read(BYTE_ORDER_MARK + longest + "\r\n").texts());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "\u00E9", EMOJI})
    void aCaptionOfOneCharacterMoreIsRefusedWithItsLine(String character) throws IOException {
        assertNamesLine(2, refusal("b\n" + character.repeat(Captions.MAX_LENGTH + 1) + "\nc\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "\r", EMOJI})
    void aLineOfAMegabyteIsRefusedWithItsLine(String character) throws IOException {
        String line = character.repeat((1 << 20) / character.getBytes(UTF_8).length);
        assertNamesLine(3, refusal("a\n\n" + line + "\nb\n"));
    }

    private Captions limited(String limit, int maxCaptions, String content) throws IOException {
        Files.writeString(file, content);
        return CaptionFile.read(TextInput.of(file), maxCaptions, CaptionLimit.parse(limit), ReadingProgress.NONE);
    }

    @Test
    void longCaptionsAreLeftOutAndNotCounted() throws IOException {
        String content = "abc\n\nabcZ\r\n" + EMOJI.repeat(Captions.MAX_LENGTH + 1) + "\n" + EMOJI.repeat(3) + "\nc\n";
        Captions captions = limited("3", 2, content);
        assertEquals(List.of("abc", EMOJI.repeat(3)), captions.texts());
        assertEquals(List.of(1, 5), lines(captions));
        assertEquals(2, captions.longer());
        assertEquals(1, captions.skipped());
        assertEquals("abc" + EMOJI, Vocabulary.of(captions).characters());
        assertTrue(assertRefused(file.toString(), () -> limited("1", 9, "ab\n \n")).contains("allow longer ones"));
    }

    @Test
    void longCaptionsThatBeginWithBlanksAreNotBlankLines() throws IOException {
        Captions captions = limited("3", 9, "    ab\nabc\n     \n");
        assertEquals(List.of("abc"), captions.texts());
        assertEquals(1, captions.longer());
        assertEquals(1, captions.skipped());
        assertEquals(List.of("  a", "abc"), limited("3:cut", 9, "  ab\n    ab\nabc\n").texts());
    }

    @Test
    void longCaptionsAreCut() throws IOException {
        Captions captions =
                limited("3:cut", 9, "abcdef\n" + EMOJI.repeat(Captions.MAX_LENGTH + 1) + "\r\nabc\n    x\n");
        assertEquals(List.of("abc", EMOJI.repeat(3), "abc"), captions.texts());
        assertEquals(2, captions.longer());
        // The cut leaves only white space of the last line.
        assertEquals(1, captions.skipped());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "10001", "x", ":cut", "5:", "5:leave", "5:cut:cut", "99999999999"})
    void malformedLimitsAreRefused(String limit) {
        assertThrows(IllegalArgumentException.class, () -> CaptionLimit.parse(limit));
    }

    @Test
    void limitsRoundTripThroughText() {
        for (String limit : List.of("1", "200:cut", "10000")) {
            assertEquals(limit, CaptionLimit.parse(limit).toString());
        }
    }

    /** A file of many buffers, whose characters of two to four bytes lie across their ends, and a fault behind them. */
    @Test
    void aFileIsReadBufferByBuffer() throws IOException {
        String line = "a" + EMOJI + "\u732B\u00E9".repeat(16) + EMOJI.repeat(37);
        List<Long> read = new ArrayList<>();
        Files.writeString(file, (line + "\r\n").repeat(2000));
        Captions captions =
                CaptionFile.read(TextInput.of(file), Integer.MAX_VALUE, null, (bytes, total) -> read.add(bytes));
        assertEquals(Collections.nCopies(2000, line), captions.texts());
        assertEquals(Files.size(file), read.getLast());
        assertTrue(read.size() > 2);
        Files.write(file, new byte[] {(byte) 0xE7, (byte) 0x8C}, StandardOpenOption.APPEND);
        assertNamesLine(2001, refusal());
    }

    @Test
    void readsNothingBehindTheLastCaption() throws IOException {
        // The third line is not UTF-8: to take two captions it must not be looked at.
        String content = "a\n\nb\n\u00FF\n";
        Captions two = read(content, ISO_8859_1, 2);
        assertEquals(List.of("a", "b"), two.texts());
        assertEquals(List.of(1, 3), lines(two));
        assertEquals(1, two.skipped());
        assertEquals(List.of("a"), read(content, ISO_8859_1, 1).texts());
        assertEquals(3, read("a\nb\nc\n", UTF_8, 4).size());
    }

    @Test
    @Needs(data = "captions_10k_raw.txt")
    void realCaptionsAreReadByCodePoint() {
        Captions captions = CaptionFile.read(TestData.file("captions_10k_raw.txt"), Integer.MAX_VALUE);
        assertEquals(10_000, captions.size() + captions.skipped());
        Vocabulary vocabulary = Vocabulary.of(captions);
        Corpus corpus = Corpus.encode(captions, vocabulary);
        for (int n = 0; n < captions.size(); n++) {
            String text = captions.texts().get(n);
            int length = text.codePointCount(0, text.length());
            int[] ids = Arrays.copyOf(corpus.target(n), length);
            assertEquals(text, vocabulary.decode(ids));
        }
    }
}
