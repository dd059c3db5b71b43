package org.charlstm.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Captions keep their number in the text when others are left out; features are assigned by it. */
class OrdinalTest {
    @TempDir
    private Path folder;

    private static List<Integer> ordinals(Captions captions) {
        return IntStream.range(0, captions.size()).map(captions::ordinal).boxed().toList();
    }

    private static Features rows(int count) {
        return new Features("features.npy", new float[count][2]);
    }

    /** Features of so many rows fit, one row fewer does not, and one more only if there may be more captions. */
    private static void assertRead(int read, boolean whole, Captions captions) {
        rows(read).requireRows(captions);
        assertRefused("features.npy has ", () -> rows(read - 1).requireRows(captions));
        if (whole) {
            assertRefused("features.npy has ", () -> rows(read + 1).requireRows(captions));
        } else {
            rows(read + 1).requireRows(captions);
        }
    }

    private Path file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    private Captions read(String content, int max, CaptionLimit limit, Preprocessing how) throws IOException {
        return CaptionFile.read(new TextInput(List.of(file("captions.txt", content)), UTF_8, how), max, limit,
                ReadingProgress.NONE);
    }

    @Test
    void blankLinesHaveNoOrdinal() throws IOException {
        Captions captions = read("a\n\n  \nb\nc", Integer.MAX_VALUE, null, Preprocessing.NONE);
        assertEquals(List.of(0, 1, 2), ordinals(captions));
        assertNull(((TextRows.Lines) captions.rows()).ordinals());
        assertRead(3, true, captions);
    }

    @Test
    void longCaptionsKeepTheirOrdinal() throws IOException {
        String text = "a\nlonger\n\nb\nlonger\nlonger\nc\nlonger\n";
        Captions captions = read(text, Integer.MAX_VALUE, new CaptionLimit(3, false), Preprocessing.NONE);
        assertEquals(List.of("a", "b", "c"), captions.texts());
        assertEquals(List.of(0, 2, 5), ordinals(captions));
        assertRead(7, true, captions);
        assertEquals(List.of(0, 1, 2, 3, 4, 5, 6),
                ordinals(read(text, Integer.MAX_VALUE, new CaptionLimit(3, true), Preprocessing.NONE)));
        assertEquals("features.npy has 3 rows, but " + captions.source() + " has 7 captions, of which 4 captions are "
                + "left out; each caption needs a row, in their order, and blank lines are none",
                assertRefused("3 rows", () -> rows(3).requireRows(captions)));
    }

    @Test
    void featuresMayHaveMoreRowsThanAPartlyReadText() throws IOException {
        Captions captions = read("a\nlonger\nb\nc\nd\n", 2, new CaptionLimit(3, false), Preprocessing.NONE);
        assertEquals(List.of(0, 2), ordinals(captions));
        assertRead(3, false, captions);
        assertEquals("features.npy has 1 row, but 3 captions of " + captions.source() + " are read, of which 1 caption "
                + "is left out; each caption needs a row, in their order, and blank lines are none",
                assertRefused("1 row", () -> rows(1).requireRows(captions)));
    }

    @Test
    void captionsCutToBlanksKeepTheirOrdinal() throws IOException {
        Captions captions = read("a\n      b\nc\n", Integer.MAX_VALUE, new CaptionLimit(3, true), Preprocessing.NONE);
        assertEquals(List.of(0, 2), ordinals(captions));
        assertRead(3, true, captions);
    }

    @Test
    void captionsOutsideTheAlphabetKeepTheirOrdinalAndBlankLinesHaveNone() throws IOException {
        Preprocessing letters = Preprocessing.NONE.alphabet("abc ");
        Captions captions = read("a\n12\n\t\nb\n\n1 2\nc\n3", Integer.MAX_VALUE, null, letters);
        assertEquals(List.of("a", "b", "c"), captions.texts());
        assertEquals(List.of(0, 2, 4), ordinals(captions));
        assertRead(6, true, captions);
        assertEquals(List.of(0, 2), ordinals(read("a\n12\nb\n12\nc", 2, null, letters.lowerCase(true))));
    }

    @Test
    void captionsOutsideTheVocabularyKeepTheirOrdinal() throws IOException {
        Captions captions = read("a\nlonger\n12\nb\nlonger\n3\nc\n", Integer.MAX_VALUE, new CaptionLimit(3, false),
                Preprocessing.NONE).known(Vocabulary.of(Captions.of(List.of("abc"))));
        assertEquals(List.of("a", "b", "c"), captions.texts());
        assertEquals(List.of(0, 3, 6), ordinals(captions));
        assertRead(7, true, captions);
    }

    @Test
    void ordinalsGoOnOverFilesAndBlankJsonCaptions() throws IOException {
        file("1.json", "{\"annotations\": [{\"caption\": \"a\"}, {\"caption\": \" \"}, {\"caption\": \"b\"}]}");
        file("2.txt", "\nc\n");
        Captions captions = CaptionFile.read(TextInput.of(folder.resolve("1.json"), folder.resolve("2.txt")),
                Integer.MAX_VALUE, null, ReadingProgress.NONE);
        assertEquals(List.of("a", "b", "c"), captions.texts());
        assertEquals(List.of(0, 2, 3), ordinals(captions));
        assertRead(4, true, captions);
    }

    @Test
    void sentencesHaveOrdinals() throws IOException {
        RunningText text = RunningText.read(TextInput.of(file("text.txt", "A b. It is longer. C d.\n\nE f.\n")),
                Long.MAX_VALUE, ReadingProgress.NONE);
        Captions captions = text.sentences(Integer.MAX_VALUE, new CaptionLimit(6, false), Preprocessing.NONE);
        assertEquals(List.of("A b.", "C d.", "E f."), captions.texts());
        assertEquals(List.of(0, 2, 3), ordinals(captions));
        assertRead(4, true, captions);
        assertRead(3, false, text.sentences(2, new CaptionLimit(6, false), Preprocessing.NONE));
    }

    @Test
    void windowsHaveNoFeatures() throws IOException {
        Captions windows = RunningText.read(TextInput.of(file("text.txt", "abcdef")), Long.MAX_VALUE,
                ReadingProgress.NONE).windows(3, 3, 2);
        assertEquals(List.of(0, 1), ordinals(windows));
        assertThrows(IllegalArgumentException.class, () -> rows(2).requireRows(windows));
    }

    @Test
    void corpusPartsAndSingleCaptionsKeepOrdinals() throws IOException {
        Captions captions = read("a\nlonger\nb\nc\nlonger\nd\n", Integer.MAX_VALUE, new CaptionLimit(3, false),
                Preprocessing.NONE);
        Corpus part = Corpus.encode(captions).part(1, 4).part(1, 3);
        assertEquals(3, part.ordinal(0));
        assertEquals(5, part.ordinal(1));
        assertEquals(5, captions.only(3).ordinal(0));
    }

    @Test
    void theBuiltInCaptionsMayHaveMoreRows() {
        Captions captions = Captions.generated(60, 1, new CaptionLimit(50, false), Preprocessing.NONE);
        List<String> all = Captions.generated(60, 1).texts();
        for (int row = 0; row < captions.size(); row++) {
            assertEquals(all.get(captions.ordinal(row)), captions.texts().get(row));
        }
        assertRead(60, false, captions);
    }
}
