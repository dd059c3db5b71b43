package org.charlstm.text;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunningTextTest {
    @TempDir
    private Path folder;

    private Path file(String text) throws IOException {
        return Files.write(folder.resolve("text.txt"), text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void windowsOverlapByStrideAndKnowTheirLine() {
        Captions windows = RunningText.of("t", "ab\ncdef\ng").windows(4, 3, 10);
        assertEquals(List.of("ab\nc", "cdef"), windows.texts());
        assertEquals(1, windows.line(0));
        assertEquals(2, windows.line(1));
        assertEquals("t, line 2", windows.place(1));
        assertEquals(List.of("ab\nc"), RunningText.of("t", "ab\ncdef\ng").windows(4, 3, 1).texts());
        assertEquals(List.of("\uD83D\uDE00b", "bc"), RunningText.of("t", "\uD83D\uDE00bc").windows(2, 1, 9).texts());
    }

    @Test
    void crlfBecomesLfAndByteOrderMarkIsDropped() throws IOException {
        assertEquals(List.of("a\nb\r\n\n"),
                RunningText.read(file("\uFEFFa\r\nb\r\r\n\n")).windows(6, 6, 2).texts());
        assertEquals(List.of("a\n", "b\r"), RunningText.read(file("a\nb\r")).windows(2, 2, 9).texts());
    }

    @Test
    void emptyAndMalformedTextIsRefused() throws IOException {
        Path latin = Files.write(folder.resolve("latin.txt"), new byte[] {'a', (byte) 0xE9});
        assertTrue(assertRefused(latin.toString(), () -> RunningText.read(latin))
                .endsWith("line 1 is not valid UTF-8 (byte 2 of the text, "
                        + "0xE9); it would fit windows-1252 or ISO-8859-1; name its encoding"));
        Path empty = file("");
        assertRefused(empty.toString(), () -> RunningText.read(empty));
        Path missing = folder.resolve("missing.txt");
        assertTrue(assertRefused(missing.toString(), () -> RunningText.read(missing)).contains("does not exist"));
        assertEquals("t has 3 characters; one window of the model takes 4",
                assertRefused("t", () -> RunningText.of("t", "abc").windows(4, 1, 1)));
    }

    @Test
    void charactersOutsideWindowsAreNotInTheVocabulary() throws IOException {
        Captions windows = RunningText.of("t", "abXcdYab").windows(2, 3, 2);
        assertEquals(List.of("ab", "cd"), windows.texts());
        assertEquals("abcd", Vocabulary.ofRunning(windows).characters());
        Corpus corpus = Corpus.encode(windows, Vocabulary.withoutMarkers("badc"));
        assertArrayEquals(new int[] {3}, corpus.input(1));
        assertArrayEquals(new int[] {2}, corpus.target(1));
        assertRefused("t, line 1: the character U+0064 'd'",
                () -> Corpus.encode(windows, Vocabulary.withoutMarkers("abc")));
        assertEquals(List.of("ab"),
                RunningText.read(TextInput.of(file("ab\r\ncd")), 2, ReadingProgress.NONE).windows(2, 1, 9).texts());
    }

    @Test
    void aWindowIsARowWithoutStartAndEnd() {
        Captions windows = RunningText.of("t", "abcabd").windows(3, 2, 9);
        Vocabulary vocabulary = Vocabulary.ofRunning(windows);
        assertEquals("abc", vocabulary.characters());
        assertEquals(3, vocabulary.size());
        Corpus corpus = Corpus.encode(windows, vocabulary);
        assertEquals(2, corpus.steps());
        assertArrayEquals(new int[] {0, 1}, corpus.input(0));
        assertArrayEquals(new int[] {2, 0}, corpus.input(1));
        assertArrayEquals(new int[] {0, 1}, corpus.target(1));
        assertArrayEquals(new int[] {1, 2}, corpus.target(0));
        assertThrows(IllegalStateException.class, vocabulary::start);
        assertThrows(IllegalStateException.class, vocabulary::end);
        assertThrows(IllegalArgumentException.class,
                () -> Corpus.encode(Captions.of(List.of("abc", "ab")), vocabulary));
        assertThrows(IllegalArgumentException.class, () -> Corpus.encode(Captions.of(List.of("a")), vocabulary));
    }

    /** Lower case would hide where a sentence begins. */
    @Test
    void sentencesAreSplitBeforePreprocessing() {
        Captions captions = RunningText.of("the text", "A Dog runs. A cat! 3?").sentences(9, null,
                Preprocessing.NONE.lowerCase(true).alphabet("acdgnortu s."));
        assertEquals(List.of("a dog runs.", "a cat"), captions.texts());
        assertEquals(3, captions.outside() == null ? 0 : captions.outside().skipped());
        assertEquals(1, captions.skipped());
    }
}
