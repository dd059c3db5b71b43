package org.charlstm.text;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import module java.base;
import org.charlstm.machine.Needs;
import org.charlstm.machine.TestData;
import org.charlstm.nn.Models;
import org.junit.jupiter.api.Test;

class CorpusTest {
    private static final Captions CAPTIONS = Captions.of(List.of("ab", "b", "abca"));
    /** Ids 0 to 2 are a, b and c. */
    private static final Vocabulary VOCABULARY = Vocabulary.of(CAPTIONS);
    private static final int START = 3;
    private static final int END = 4;

    @Test
    void rowsArePaddedToTheLongestCaption() {
        Corpus corpus = Corpus.encode(CAPTIONS, VOCABULARY);
        assertEquals(3, corpus.rows());
        assertEquals(5, corpus.steps());
        assertSame(VOCABULARY, corpus.vocabulary());
        assertArrayEquals(new int[] {
            START, 0, 1, END, END, END,
            START, 1, END, END, END, END,
            START, 0, 1, 2, 0, END}, rows(corpus));
    }

    private static int[] rows(Corpus corpus) {
        int[] rows = new int[corpus.rows() * (corpus.steps() + 1)];
        for (int row = 0; row < corpus.rows(); row++) {
            corpus.row(row, rows, row * (corpus.steps() + 1));
        }
        return rows;
    }

    @Test
    void theTargetIsTheInputShiftedByOne() {
        Corpus corpus = Corpus.encode(CAPTIONS, VOCABULARY);
        assertArrayEquals(new int[] {START, 0, 1, END, END}, corpus.input(0));
        assertArrayEquals(new int[] {0, 1, END, END, END}, corpus.target(0));
        for (int row = 0; row < corpus.rows(); row++) {
            int[] input = corpus.input(row);
            int[] target = corpus.target(row);
            assertEquals(START, input[0]);
            assertArrayEquals(Arrays.copyOfRange(input, 1, input.length), Arrays.copyOf(target, input.length - 1));
            assertEquals(END, target[input.length - 1]);
        }
    }

    @Test
    void minStepsPadsFurtherAndNeverCuts() {
        Corpus wide = Corpus.encode(CAPTIONS, VOCABULARY, 7);
        assertEquals(7, wide.steps());
        assertArrayEquals(new int[] {START, 0, 1, 2, 0, END, END}, wide.input(2));
        assertArrayEquals(new int[] {0, 1, 2, 0, END, END, END}, wide.target(2));
        assertEquals(5, Corpus.encode(CAPTIONS, VOCABULARY, 2).steps());
    }

    @Test
    void lengthIsCountedInCodePoints() {
        Captions emoji = Captions.of(List.of("\uD83D\uDE00\uD83D\uDE01"));
        Corpus corpus = Corpus.encode(emoji);
        assertEquals(3, corpus.steps());
        assertArrayEquals(new int[] {2, 0, 1, 3}, rows(corpus));
    }

    @Test
    void anUnknownCharacterIsRefusedWithItsSourceAndLine() {
        CaptionBuilder builder = new CaptionBuilder("some.txt", null);
        builder.begin(new SourceFiles.SourceFile("some.txt", false));
        builder.add(new int[] {'a'}, 1, 4);
        builder.add(new int[] {'b', 'Z'}, 2, 9);
        assertRefused("some.txt, line 9: the character U+005A 'Z'",
                () -> Corpus.encode(builder.build(Preprocessing.NONE, null, true), VOCABULARY));
    }

    /** A model file of another program can claim any number of steps. */
    @Test
    void moreStepsThanFitAreRefused() {
        for (int steps : new int[] {Integer.MAX_VALUE - 1, Integer.MAX_VALUE}) {
            assertRefused("the captions", () -> Corpus.encode(CAPTIONS, VOCABULARY, steps));
        }
    }

    @Test
    void aPartHasTheSameRows() {
        Corpus part = Corpus.encode(CAPTIONS, VOCABULARY).part(1, 3).part(1, 2);
        assertEquals(1, part.rows());
        assertArrayEquals(new int[] {START, 0, 1, 2, 0, END}, rows(part));
        assertThrows(IndexOutOfBoundsException.class, () -> part.part(0, 2));
        assertEquals(4, part.lengths().quantile(0.5));
    }

    @Test
    void anotherVocabularyNumbersTheSameCharacters() {
        Corpus corpus = Corpus.encode(CAPTIONS, Vocabulary.ofCharacters("xcba"));
        assertArrayEquals(new int[] {4, 3, 2, 1, 3, 5}, Arrays.copyOfRange(rows(corpus), 12, 18));
    }

    @Test
    void lengthsAreCounted() {
        Corpus.Lengths lengths = Corpus.encode(CAPTIONS, VOCABULARY).lengths();
        assertEquals(List.of(1, 2, 4, 4), Stream.of(0.3, 0.5, 0.7, 1.0).map(lengths::quantile).toList());
        assertEquals(List.of(3L, 2L, 1L, 0L), Stream.of(0, 1, 2, 4).map(lengths::longerThan).toList());
        // Of 3 x 5 steps, 3 + 2 + 5 have a target that is no padding.
        assertEquals(5 / 15.0, lengths.padding(5), 1e-12);
    }

    @Test
    @Needs(data = "captions_10k.txt")
    void theLabsCaptionsHaveTheLabsShape() {
        Captions captions = CaptionFile.read(TestData.file("captions_10k.txt"), Integer.MAX_VALUE);
        Corpus corpus = Corpus.encode(captions);
        assertEquals(0, captions.skipped());
        assertEquals(List.of(10_000, 173, 38), List.of(corpus.rows(), corpus.steps(), corpus.vocabulary().size()));
        assertEquals(106_918, Models.of(corpus.vocabulary().size(), 128, 128).parameters());
    }
}
