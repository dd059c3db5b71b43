package org.charlstm.text;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Preprocessing of texts, and the vocabularies that keep it. */
class PreprocessingTest {
    private static final Preprocessing LOWER = Preprocessing.NONE.lowerCase(true);
    private static final Preprocessing NFC = Preprocessing.NONE.form(Normalizer.Form.NFC);
    private static final Preprocessing NFKC = Preprocessing.NONE.form(Normalizer.Form.NFKC);

    @TempDir
    private Path folder;

    private TextInput input(String text, Preprocessing how) throws IOException {
        return new TextInput(List.of(Files.writeString(folder.resolve("text.txt"), text)), null, how);
    }

    private Captions captions(String text, Preprocessing how) throws IOException {
        return CaptionFile.read(input(text, how), Integer.MAX_VALUE, null, ReadingProgress.NONE);
    }

    private String running(String text, Preprocessing how) throws IOException {
        RunningText read = RunningText.read(input(text, how), Long.MAX_VALUE, ReadingProgress.NONE);
        return read.windows((int) read.length(), 1, 1).texts().getFirst();
    }

    @Test
    void lowerCase() throws IOException {
        assertEquals(List.of("a cat", "\u00E9\u03C3\u03BF\u03C2 \u03C3", "i\u0307"),
                captions("A CaT\n\u00C9\u03A3\u039F\u03A3 \u03A3\n\u0130", LOWER).texts());
    }

    @Test
    void normalForms() throws IOException {
        String apart = "cafe\u0301 \u212B\n\uFB01n \uFF21\uFDFA";
        assertEquals(List.of("caf\u00E9 \u00C5", "\uFB01n \uFF21\uFDFA"), captions(apart, NFC).texts());
        assertEquals(List.of("caf\u00E9 \u00C5", "fin A" + Normalizer.normalize("\uFDFA", Normalizer.Form.NFKC)),
                captions(apart, NFKC).texts());
        assertEquals(List.of("caf\u00E9 \u00E5", "fin a" + Normalizer.normalize("\uFDFA", Normalizer.Form.NFKC)),
                captions(apart, NFKC.lowerCase(true)).texts());
        assertEquals("h", NFKC.lowerCase(true).normalized("\u210C"));
        assertThrows(IllegalArgumentException.class, () -> Preprocessing.NONE.form(Normalizer.Form.NFD));
    }

    @Test
    void preprocessingWordByWordEqualsAllAtOnce() throws IOException {
        int[] some =
                ("aZ \n.\u0301\u0327e\u00C9\u03A3\u0130\u1100\u1161\u11A8\u0915\u093C\uFB01\u732B\uF900\u3000\u00A0"
                        + "\uFF76\uFF9E\u0345\uD83D\uDE00\uD834\uDD5E").codePoints().toArray();
        Random random = new Random(1);
        for (int round = 0; round < 300; round++) {
            String text = "x" + IntStream.range(0, 60).map(i -> some[random.nextInt(some.length)])
                    .mapToObj(Character::toString).collect(Collectors.joining()) + "x";
            for (Preprocessing how : List.of(LOWER, NFC, NFKC, NFC.lowerCase(true), NFKC.lowerCase(true))) {
                assertEquals(how.normalized(text), running(text, how));
            }
        }
    }

    @Test
    void charactersOutsideTheAlphabetAreLeftOutAndCounted() throws IOException {
        Preprocessing how = LOWER.alphabet("acdgot ");
        Captions captions = captions("A cat!\n???\n\n a \u00E9\nDog\uD83D\uDE00", how);
        assertEquals(List.of("a cat", " a ", "dog"), captions.texts());
        assertEquals(new UnknownCharacters(6, 17), captions.outside());
        assertEquals(2, captions.skipped());
        assertEquals(folder.resolve("text.txt") + ", line 5", captions.place(2));
        assertEquals("a cat ", running("A cat!\n ", how));
        assertEquals("a\n", running("a!\n", Preprocessing.NONE.alphabet("\na")));
        assertRefused("has no character of the alphabet", () -> running("!\n", how));
        assertRefused("holds no caption", () -> captions("!\n", how));
        Captions generated = Captions.generated(50, 1, null, Preprocessing.NONE.alphabet("ae "));
        assertEquals(0, String.join("", generated.texts()).replaceAll("[ae ]", "").length());
        assertRefused("the generated captions have no character of the alphabet",
                () -> Captions.generated(5, 1, null, Preprocessing.NONE.alphabet("\u732B")));
    }

    /** Unknown characters of later texts become that symbol too, unless they are outside the alphabet. */
    @Test
    void rareCharactersShareASymbol() throws IOException {
        Captions captions = captions("abab\nabc\nbad\uFFFDd", Preprocessing.NONE.minCount(3));
        Vocabulary vocabulary = Vocabulary.of(captions);
        assertEquals("ab\uFFFD", vocabulary.characters());
        assertEquals(Preprocessing.NONE.minCount(3), vocabulary.preprocessing());
        Corpus corpus = Corpus.encode(captions, vocabulary);
        assertArrayEquals(new int[] {3, 0, 1, 2, 4, 4}, corpus.input(1));
        assertArrayEquals(new int[] {3, 1, 0, 2, 2, 2}, corpus.input(2));
        assertEquals(3, corpus.replaced());
        assertArrayEquals(new int[] {0, 2, 2}, vocabulary.encode("azZ", "here"));
        assertEquals("ab", vocabulary.known("azbZ"));
        Vocabulary narrow = vocabulary.preprocessed(LOWER.alphabet("abz").minCount(3));
        assertArrayEquals(new int[] {0, 2}, narrow.encode("AZ", "here"));
        assertRefused("here: the character U+0079", () -> narrow.encode("ay", "here"));
        assertEquals("ab\uFFFD", Vocabulary.of(captions("abab", Preprocessing.NONE.minCount(2))).characters());
        assertRefused("has no character 9 times", () -> Vocabulary.of(captions("ab", Preprocessing.NONE.minCount(9))));
        assertRefused("no symbol for unknown characters",
                () -> Vocabulary.ofCharacters("ab").preprocessed(Preprocessing.NONE.minCount(1)));
    }

    /** Characters between windows do not count. */
    @Test
    void windowsCountEachCharacterOnce() throws IOException {
        RunningText text = RunningText.read(input("aabcabz", Preprocessing.NONE.minCount(2)), Long.MAX_VALUE,
                ReadingProgress.NONE);
        assertEquals("ab\uFFFD", Vocabulary.ofRunning(text.windows(4, 1, 9)).characters());
        assertEquals("a\uFFFD", Vocabulary.ofRunning(text.windows(2, 4, 9)).characters());
    }

    @Test
    void readsNothingBehindTheLastCaption() throws IOException {
        Path file = Files.write(folder.resolve("text.txt"), "A\nB\n\u00FF".getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(List.of("a", "b"), CaptionFile.read(new TextInput(List.of(file), null, LOWER), 2, null,
                ReadingProgress.NONE).texts());
    }
}
