package org.charlstm.text.generated;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Features of the built-in captions. */
class GeneratedFeaturesTest {
    private static final List<GeneratedCaptions.FeatureGroup> GROUPS = GeneratedCaptions.featureGroups();
    private static List<String> captions;
    private static float[][] features;
    /** By caption and group: the column that is 1, from 0. */
    private static int[][] columns;

    @BeforeAll
    static void generate() {
        captions = GeneratedCaptions.generate(GeneratedCaptions.DEFAULT_COUNT, GeneratedCaptions.DEFAULT_SEED);
        features = GeneratedCaptions.features(GeneratedCaptions.DEFAULT_COUNT, GeneratedCaptions.DEFAULT_SEED);
        columns = IntStream.range(0, captions.size())
                .mapToObj(row -> IntStream.range(0, GROUPS.size()).map(group -> column(row, group)).toArray())
                .toArray(int[][]::new);
    }

    /** The column of a group that is 1, from 0; checks that all others are 0. */
    private static int column(int row, int group) {
        int first = GROUPS.subList(0, group).stream().mapToInt(each -> each.columns().size()).sum();
        float[] values = Arrays.copyOfRange(features[row], first, first + GROUPS.get(group).columns().size());
        int column = 0;
        while (values[column] == 0) {
            column++;
        }
        float[] expected = new float[values.length];
        expected[column] = 1;
        assertArrayEquals(expected, values);
        return column;
    }

    private static String said(int row, int group) {
        return GROUPS.get(group).columns().get(columns[row][group]);
    }

    @Test
    void captionsOfTheDefaultSeedNeverChange() throws GeneralSecurityException {
        byte[] text = (String.join("\n", captions) + "\n").getBytes(UTF_8);
        assertEquals("2aa32e4d0cd2e95c34f4b7547e9107d8dc1cd0bc6b8ed1816bf71f4a4d883e69",
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text)));
    }

    @Test
    void aRowIsAsWideAsTheGroups() {
        int width = GROUPS.stream().mapToInt(group -> group.columns().size()).sum();
        for (int row = 0; row < captions.size(); row++) {
            assertEquals(width, features[row].length);
        }
    }

    @Test
    void everyColumnIsUsed() {
        for (int group = 0; group < GROUPS.size(); group++) {
            boolean[] seen = new boolean[GROUPS.get(group).columns().size()];
            for (int row = 0; row < captions.size(); row++) {
                seen[columns[row][group]] = true;
            }
            for (int column = 0; column < seen.length; column++) {
                boolean kindless = group == 0 && column == 0;
                assertEquals(!kindless, seen[column], GROUPS.get(group).columns().get(column));
            }
        }
    }

    @Test
    void namedWordsAreInTheCaption() {
        for (int row = 0; row < captions.size(); row++) {
            String caption = " " + captions.get(row) + " ";
            String subject = said(row, 1);
            String last = subject.substring(subject.lastIndexOf(' ') + 1);
            assertTrue(subject.equals(GeneratedCaptions.NONE) || caption.contains(" " + subject + " ")
                    || caption.contains(Grammar.inflect(last, "s") + " "), subject + " in" + caption);
            String place = said(row, 2).replaceAll(" ?\\b[A-Z].*", "");
            assertTrue(place.equals(GeneratedCaptions.NONE) || caption.contains(" " + place), place + " in" + caption);
            String colour = said(row, 3);
            assertTrue(colour.equals(GeneratedCaptions.NONE) || caption.contains(" " + colour + " "),
                    colour + " in" + caption);
        }
    }

    @Test
    void kindFitsTheCaption() {
        for (int row = 0; row < captions.size(); row++) {
            assertEquals(captions.get(row).length() == 172 && captions.get(row).matches(".* (while|as) .*")
                    && row % 500 == 250, said(row, 0).equals("LONG_CAPTION"), captions.get(row));
            if (said(row, 0).equals("THING") && captions.get(row).contains("clock that shows")) {
                assertEquals(GeneratedCaptions.NONE, said(row, 1), captions.get(row));
            }
        }
    }

    @Test
    void featuresDependOnSeedAndASmallerSetBeginsALargerOne() {
        assertArrayEquals(Arrays.copyOf(features, 100), GeneratedCaptions.features(100, 1));
        assertNotEquals(Arrays.deepToString(Arrays.copyOf(features, 100)),
                Arrays.deepToString(GeneratedCaptions.features(100, 2)));
        assertThrows(IllegalArgumentException.class, () -> GeneratedCaptions.features(0, 1));
    }
}
